//! A small software rasteriser: surfaces shaded with their textures.

use image::RgbImage;

use super::colour::{byte, encoded, linear};
use super::math::{Turn, Vec3, vec3};
use super::surface::{Surface, Texel};

/// The light on the scene, in linear colour.
#[derive(Debug, Clone, Copy)]
pub struct Lamp {
    /// Towards the lamp, length one.
    pub towards: Vec3,
    /// The lamp's colour times its strength.
    pub key: [f32; 3],
    /// What comes from above without a direction.
    pub sky: [f32; 3],
    /// What comes from below without a direction.
    pub ground: [f32; 3],
}

/// Where a surface stands: turned about `pivot`, then moved, then projected.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    pub turn: Turn,
    /// The point the turn leaves where it is, in the surface's units.
    pub pivot: Vec3,
    /// Where the surface's origin stands, in metres from the camera: right, down, away.
    pub origin: Vec3,
    /// Metres a unit.
    pub scale: f32,
}

impl Placement {
    /// A point in metres from the camera: right, down, away.
    pub fn place(&self, p: Vec3) -> Vec3 {
        let q = self.turn.apply(p - self.pivot) + self.pivot;
        vec3(self.origin.x + q.x * self.scale, self.origin.y + q.y * self.scale, self.origin.z - q.z * self.scale)
    }
}

/// A pinhole camera that looks straight ahead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pinhole {
    pub width: u32,
    pub height: u32,
    /// Focal length in pixels.
    pub focal_px: f32,
    /// The point straight ahead, pixels right and down from the picture's upper left corner.
    pub axis: (f32, f32),
}

impl Pinhole {
    /// A camera that looks through the middle of its picture.
    pub const fn centred(width: u32, height: u32, focal_px: f32) -> Self {
        Self { width, height, focal_px, axis: (width as f32 * 0.5, height as f32 * 0.5) }
    }

    /// Pixels right and down from the picture's upper left corner.
    pub fn project(&self, metres: Vec3) -> (f32, f32) {
        let depth = metres.z.max(0.05);
        let (cx, cy) = self.axis;
        (cx + metres.x * self.focal_px / depth, cy + metres.y * self.focal_px / depth)
    }
}

/// Where within a pixel its samples lie: a turned square, so that upright and level edges get all four steps.
const SAMPLES: [(f32, f32); 4] = [(0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875)];

/// One sample: linear colour times opacity, and opacity.
type Sample = [f32; 4];

#[derive(Clone, Copy)]
struct Corner {
    x: f32,
    y: f32,
    depth: f32,
    normal: Vec3,
    u: f32,
    v: f32,
}

/// Something to be drawn: a surface, where it stands, and the light on it.
pub struct Thing<'a> {
    pub surface: &'a Surface,
    pub placement: Placement,
    pub lamp: Lamp,
}

/// Pixels that are drawn at a time, a band of whole rows: the samples of a whole picture would take 25 MB.
const BAND: usize = 640 * 96;

/// Lays things over pictures. Shaded once a pixel and triangle, with four samples of coverage and depth a pixel.
pub struct Canvas {
    camera: Pinhole,
    width: usize,
    height: usize,
    /// Rows of a band; the last one may have fewer.
    rows: usize,
    /// First row of the band that is drawn.
    first: usize,
    colour: Vec<[Sample; 4]>,
    depth: Vec<[f32; 4]>,
    /// Top, bottom, left and right of what was drawn in the band, pixels of it; empty where top > bottom.
    touched: [usize; 4],
}

const UNTOUCHED: [usize; 4] = [usize::MAX, 0, usize::MAX, 0];

/// What stays the same over a surface.
struct Pass<'a> {
    surface: &'a Surface,
    turn: &'a Turn,
    lamp: &'a Lamp,
    /// Halfway between the lamp and a viewer straight ahead.
    half: Vec3,
    /// One over one plus the surface's wrap.
    softer: [f32; 3],
}

impl Canvas {
    pub fn new(camera: Pinhole) -> Self {
        let (width, height) = (camera.width as usize, camera.height as usize);
        let rows = (BAND / width.max(1)).clamp(1, height.max(1));
        let pixels = width * rows;
        Self {
            camera,
            width,
            height,
            rows,
            first: 0,
            colour: vec![[[0.0; 4]; 4]; pixels],
            depth: vec![[f32::INFINITY; 4]; pixels],
            touched: UNTOUCHED,
        }
    }

    /// Takes another camera.
    pub fn aim(&mut self, camera: Pinhole) {
        if (camera.width, camera.height) == (self.camera.width, self.camera.height) {
            self.camera = camera;
        } else {
            *self = Self::new(camera);
        }
    }

    /// Lays things over a picture of the camera's size, one after another; nearer ones hide farther ones.
    pub fn draw(&mut self, things: &[Thing<'_>], picture: &mut RgbImage) {
        let placed: Vec<Vec<Corner>> = things.iter().map(|thing| self.corners(thing)).collect();
        for first in (0..self.height).step_by(self.rows) {
            self.first = first;
            for (thing, corners) in things.iter().zip(&placed) {
                self.surface(thing, corners);
            }
            self.lay_over(picture);
            self.clear();
        }
    }

    /// The row after the band's last.
    fn end(&self) -> usize {
        (self.first + self.rows).min(self.height)
    }

    fn clear(&mut self) {
        let [top, bottom, left, right] = std::mem::replace(&mut self.touched, UNTOUCHED);
        if left <= right {
            for row in top..=bottom {
                let line = row * self.width + left..=row * self.width + right;
                self.colour[line.clone()].fill([[0.0; 4]; 4]);
                self.depth[line].fill([f32::INFINITY; 4]);
            }
        }
    }

    fn corners(&self, Thing { surface, placement, .. }: &Thing<'_>) -> Vec<Corner> {
        let place = |(i, (point, normal)): (usize, (&Vec3, &Vec3))| {
            let metres = placement.place(*point);
            let (x, y) = self.camera.project(metres);
            Corner {
                x,
                y,
                depth: metres.z,
                normal: placement.turn.apply(*normal),
                u: (i % surface.columns) as f32 / (surface.columns - 1) as f32,
                v: (i / surface.columns) as f32 / (surface.rows - 1) as f32,
            }
        };
        surface.points.iter().zip(&surface.normals).enumerate().map(place).collect()
    }

    fn surface(&mut self, Thing { surface, placement, lamp }: &Thing<'_>, corners: &[Corner]) {
        let half = vec3(lamp.towards.x, lamp.towards.y, lamp.towards.z + 1.0).unit();
        let pass = Pass { surface, turn: &placement.turn, lamp, half, softer: surface.wrap.map(|w| 1.0 / (1.0 + w)) };
        let band = self.first as f32..self.end() as f32;
        for row in 0..surface.rows - 1 {
            let strip = &corners[row * surface.columns..(row + 2) * surface.columns];
            if strip.iter().all(|corner| corner.y < band.start) || strip.iter().all(|corner| corner.y >= band.end) {
                continue;
            }
            for column in 0..surface.columns - 1 {
                let i = row * surface.columns + column;
                let [a, b, c, d] =
                    [&corners[i], &corners[i + 1], &corners[i + surface.columns], &corners[i + surface.columns + 1]];
                self.triangle(&pass, [a, b, d]);
                self.triangle(&pass, [a, d, c]);
            }
        }
    }

    fn triangle(&mut self, pass: &Pass<'_>, [a, b, c]: [&Corner; 3]) {
        let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
        let back = area < 0.0;
        if area.abs() < 1e-6 || (back && !pass.surface.two_sided) || a.depth.min(b.depth).min(c.depth) < 0.08 {
            return;
        }
        let (left, right) = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
        let (top, bottom) = (a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y));
        if right < 0.0 || bottom < 0.0 {
            return;
        }
        // A number that is not negative is rounded down by this.
        let (left, right) = (left.max(0.0) as usize, (right as usize).min(self.width - 1));
        let (top, bottom) = ((top.max(0.0) as usize).max(self.first), (bottom as usize).min(self.end() - 1));
        if left > right || top > bottom {
            return;
        }
        let inverse = 1.0 / area;
        // The weights of b and c grow evenly to the right and down.
        let (b_right, b_down) = ((c.y - a.y) * inverse, -(c.x - a.x) * inverse);
        let (c_right, c_down) = (-(b.y - a.y) * inverse, (b.x - a.x) * inverse);
        let step_b = SAMPLES.map(|(x, y)| x * b_right + y * b_down);
        let step_c = SAMPLES.map(|(x, y)| x * c_right + y * c_down);
        let mut drawn = false;
        for y in top..=bottom {
            let dy = y as f32 - a.y;
            for x in left..=right {
                let dx = x as f32 - a.x;
                let (wb, wc) = (dx * b_right + dy * b_down, dx * c_right + dy * c_down);
                let index = (y - self.first) * self.width + x;
                let behind = &self.depth[index];
                // Four samples at a time, without branches.
                let mut seen = [f32::INFINITY; 4];
                let (mut hit, mut at_b, mut at_c) = ([0.0_f32; 4], [0.0_f32; 4], [0.0_f32; 4]);
                for i in 0..4 {
                    let sb = wb + step_b[i];
                    let sc = wc + step_c[i];
                    let sa = 1.0 - sb - sc;
                    let depth = sa * a.depth + sb * b.depth + sc * c.depth;
                    let inside = (sa >= 0.0) & (sb >= 0.0) & (sc >= 0.0) & (depth < behind[i]);
                    seen[i] = if inside { depth } else { f32::INFINITY };
                    hit[i] = if inside { 1.0 } else { 0.0 };
                    at_b[i] = if inside { sb } else { 0.0 };
                    at_c[i] = if inside { sc } else { 0.0 };
                }
                let any = hit[0] + hit[1] + hit[2] + hit[3];
                if any > 0.0 {
                    drawn = true;
                    let share = 1.0 / any;
                    let mid_b = (at_b[0] + at_b[1] + at_b[2] + at_b[3]) * share;
                    let mid_c = (at_c[0] + at_c[1] + at_c[2] + at_c[3]) * share;
                    self.pixel(pass, index, &seen, back, [a, b, c], mid_b, mid_c);
                }
            }
        }
        if drawn {
            let [t, m, l, r] = &mut self.touched;
            let (top, bottom) = (top - self.first, bottom - self.first);
            (*t, *m, *l, *r) = ((*t).min(top), (*m).max(bottom), (*l).min(left), (*r).max(right));
        }
    }

    /// Shades one pixel at weights `wb`, `wc` and writes it to the samples `seen`, given by depth.
    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn pixel(
        &mut self,
        pass: &Pass<'_>,
        index: usize,
        seen: &[f32; 4],
        back: bool,
        abc: [&Corner; 3],
        wb: f32,
        wc: f32,
    ) {
        let [a, b, c] = abc;
        let wa = 1.0 - wb - wc;
        let texel = pass.surface.texture.sample(wa * a.u + wb * b.u + wc * c.u, wa * a.v + wb * b.v + wc * c.v);
        let alpha = texel[3];
        if alpha < 0.01 {
            return;
        }
        let mut normal = a.normal * wa + b.normal * wb + c.normal * wc;
        if texel[4] != 0.0 || texel[5] != 0.0 {
            normal = normal - pass.turn.apply(vec3(texel[4], texel[5], 0.0));
        }
        let normal = if back { -normal.unit() } else { normal.unit() };
        let lit = shade(&texel, normal, pass);
        for ((sample, depth), new) in self.colour[index].iter_mut().zip(&mut self.depth[index]).zip(seen) {
            if *new < f32::INFINITY {
                for i in 0..3 {
                    sample[i] = lit[i] * alpha + sample[i] * (1.0 - alpha);
                }
                sample[3] = alpha + sample[3] * (1.0 - alpha);
                if alpha > 0.5 {
                    *depth = *new;
                }
            }
        }
    }

    /// Lays what was drawn in the band over `picture`.
    fn lay_over(&self, picture: &mut RgbImage) {
        let [top, bottom, left, right] = self.touched;
        if top > bottom || left > right {
            return;
        }
        for y in top..=bottom {
            for x in left..=right {
                let mut sum = [0.0; 4];
                for sample in &self.colour[y * self.width + x] {
                    for i in 0..4 {
                        sum[i] += sample[i] * 0.25;
                    }
                }
                if sum[3] <= 0.0 {
                    continue;
                }
                let pixel = &mut picture.get_pixel_mut(x as u32, (self.first + y) as u32).0;
                for i in 0..3 {
                    let behind = linear(f32::from(pixel[i]) / 255.0) * (1.0 - sum[3]);
                    pixel[i] = byte(encoded(sum[i] + behind));
                }
            }
        }
    }
}

/// What of the light comes back to the eye.
#[inline]
fn shade(texel: &Texel, normal: Vec3, pass: &Pass<'_>) -> [f32; 3] {
    let lamp = pass.lamp;
    let facing = normal.dot(lamp.towards);
    let up = 0.5 - 0.5 * normal.y;
    let mut shine = normal.dot(pass.half).max(0.0);
    for _ in 0..4 {
        shine *= shine;
    }
    let mut lit = [0.0; 3];
    for i in 0..3 {
        let wrap = pass.surface.wrap[i];
        let key = ((facing + wrap) * pass.softer[i]).max(0.0);
        let ambient = lamp.ground[i] + (lamp.sky[i] - lamp.ground[i]) * up;
        lit[i] = texel[i] * (key * lamp.key[i] + ambient) + texel[6] * shine * lamp.key[i];
    }
    lit
}
