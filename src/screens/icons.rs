//! Simple pictures, drawn: a bowl, a face, marks. Each says with its shape what its colour says.

use std::f32::consts::{PI, TAU};

use eframe::egui::epaint::{CubicBezierShape, PathShape};
use eframe::egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::theme;

/// A bowl of rice with steam, on a round ground.
pub fn bowl(painter: &Painter, within: Rect) {
    let size = within.width().min(within.height());
    let centre = within.center();
    let at = |x: f32, y: f32| centre + vec2(x, y) * size;
    painter.circle_filled(centre, size * 0.5, theme::APRICOT);
    // Rice.
    painter.add(half_disc(at(0.0, 0.02), size * 0.25, -1.0, theme::CARD));
    for (x, y) in [(-0.12, -0.06), (0.02, -0.12), (0.12, -0.05), (-0.03, -0.04), (0.07, -0.16), (-0.09, -0.14)] {
        painter.circle_filled(at(x, y), size * 0.012, theme::EDGE);
    }
    // Bowl: body, rim, foot.
    painter.add(half_disc(at(0.0, 0.02), size * 0.32, 1.0, theme::RED));
    let rim = Rect::from_center_size(at(0.0, 0.02), vec2(0.70, 0.055) * size);
    painter.rect_filled(rim, CornerRadius::same(255), theme::RED);
    let foot = Rect::from_center_size(at(0.0, 0.335), vec2(0.26, 0.045) * size);
    painter.rect_filled(foot, size * 0.02, theme::RED);
    let band = Rect::from_center_size(at(0.0, 0.105), vec2(0.56, 0.02) * size);
    painter.rect_filled(band, size * 0.01, theme::APRICOT);
    // Steam.
    for x in [-0.13, 0.0, 0.13] {
        let points = [at(x, -0.24), at(x + 0.06, -0.30), at(x - 0.06, -0.35), at(x, -0.41)];
        painter.add(CubicBezierShape::from_points_stroke(
            points,
            false,
            Color32::TRANSPARENT,
            Stroke::new(size * 0.022, theme::CARD),
        ));
    }
}

/// A face in a frame of four corners: smiling, or, when it is not known, plain.
pub fn face(painter: &Painter, within: Rect, colour: Color32, known: bool) {
    let size = within.width().min(within.height());
    let at = |x: f32, y: f32| within.center() + vec2(x, y) * size;
    let stroke = Stroke::new(size * 0.035, colour);
    painter.circle_stroke(at(0.0, 0.0), size * 0.27, stroke);
    painter.circle_filled(at(-0.1, -0.05), size * 0.028, colour);
    painter.circle_filled(at(0.1, -0.05), size * 0.028, colour);
    if known {
        painter.add(arc(at(0.0, 0.03), size * 0.12, 0.15 * PI, 0.85 * PI, stroke));
    } else {
        painter.line_segment([at(-0.1, 0.12), at(0.1, 0.12)], stroke);
    }
    corners(painter, Rect::from_center_size(within.center(), vec2(size, size) * 0.9), stroke);
}

/// Four corners around `rect`.
pub fn corners(painter: &Painter, rect: Rect, stroke: Stroke) {
    let arm = rect.width().min(rect.height()) * 0.18;
    for (corner, x, y) in [
        (rect.left_top(), 1.0, 1.0),
        (rect.right_top(), -1.0, 1.0),
        (rect.right_bottom(), -1.0, -1.0),
        (rect.left_bottom(), 1.0, -1.0),
    ] {
        let points = vec![corner + vec2(0.0, y * arm), corner, corner + vec2(x * arm, 0.0)];
        painter.add(PathShape::line(points, stroke));
    }
}

/// A tick on a green disc.
pub fn tick(painter: &Painter, within: Rect) {
    let size = within.width().min(within.height());
    let at = |x: f32, y: f32| within.center() + vec2(x, y) * size;
    painter.circle_filled(within.center(), size * 0.5, theme::GREEN);
    let points = vec![at(-0.22, 0.02), at(-0.06, 0.18), at(0.24, -0.16)];
    painter.add(PathShape::line(points, Stroke::new(size * 0.1, theme::CARD)));
}

/// An empty ring: can be chosen, is not.
pub fn ring(painter: &Painter, within: Rect) {
    let size = within.width().min(within.height());
    painter.circle_stroke(within.center(), size * 0.46, Stroke::new(size * 0.07, theme::SOFT_INK));
}

/// An exclamation mark on an amber disc: somebody should read this.
pub fn attention(painter: &Painter, within: Rect) {
    let size = within.width().min(within.height());
    let at = |x: f32, y: f32| within.center() + vec2(x, y) * size;
    painter.circle_filled(within.center(), size * 0.5, theme::AMBER);
    let stem = Rect::from_min_max(at(-0.045, -0.27), at(0.045, 0.08));
    painter.rect_filled(stem, size * 0.04, theme::INK);
    painter.circle_filled(at(0.0, 0.22), size * 0.06, theme::INK);
}

/// A person behind a counter.
pub fn counter(painter: &Painter, within: Rect) {
    let size = within.width().min(within.height());
    let at = |x: f32, y: f32| within.center() + vec2(x, y) * size;
    painter.circle_filled(within.center(), size * 0.5, theme::APRICOT);
    painter.circle_filled(at(0.0, -0.16), size * 0.115, theme::RED);
    painter.add(half_disc(at(0.0, 0.17), size * 0.2, -1.0, theme::RED));
    let desk = Rect::from_center_size(at(0.0, 0.2), vec2(0.66, 0.075) * size);
    painter.rect_filled(desk, size * 0.02, theme::INK);
}

/// A clock face.
pub fn clock(painter: &Painter, within: Rect) {
    let size = within.width().min(within.height());
    let at = |x: f32, y: f32| within.center() + vec2(x, y) * size;
    painter.circle_filled(within.center(), size * 0.5, theme::APRICOT);
    let stroke = Stroke::new(size * 0.045, theme::RED);
    painter.circle(within.center(), size * 0.33, theme::CARD, stroke);
    painter.add(PathShape::line(vec![at(0.0, -0.2), at(0.0, 0.0), at(0.13, 0.09)], stroke));
}

/// A disc: the small mark before a line of text.
pub fn dot(painter: &Painter, within: Rect, colour: Color32) {
    painter.circle_filled(within.center(), within.width().min(within.height()) * 0.5, colour);
}

fn half_disc(centre: Pos2, radius: f32, direction: f32, fill: Color32) -> Shape {
    let points = (0..=32)
        .map(|step| {
            let angle = PI * step as f32 / 32.0;
            pos2(centre.x + radius * angle.cos(), centre.y + direction * radius * angle.sin())
        })
        .collect();
    PathShape::convex_polygon(points, fill, Stroke::NONE).into()
}

fn arc(centre: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) -> Shape {
    let points = (0..=24)
        .map(|step| {
            let angle = (from + (to - from) * step as f32 / 24.0) % TAU;
            pos2(centre.x + radius * angle.cos(), centre.y + radius * angle.sin())
        })
        .collect();
    PathShape::line(points, stroke).into()
}
