//! One picture: who stands where in which light, drawn, with the truth about it.

use image::RgbImage;
use serde::Serialize;

use super::colour::colour;
use super::head::{Build, Expression, METRES_A_UNIT};
use super::math::{Turn, Vec3, cos, sin, vec3};
use super::paint::Paint;
use super::portrait::Portrait;
use super::raster::{Canvas, Lamp, Pinhole, Placement, Thing};
use super::room::Window;
use super::surface::Surface;
use super::{dress, eyes, hair, lens, mouth, room, skin, wear};

/// The joint that the head turns about, head units.
const PIVOT: Vec3 = vec3(0.0, 0.72, -0.20);

/// How a head is turned, degrees.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Pose {
    /// > 0 looks to the picture's right.
    pub yaw_deg: f32,
    /// > 0 looks down.
    pub pitch_deg: f32,
    /// > 0 leans clockwise.
    pub roll_deg: f32,
}

impl Pose {
    /// A pose.
    pub const fn new(yaw_deg: f32, pitch_deg: f32, roll_deg: f32) -> Self {
        Self { yaw_deg, pitch_deg, roll_deg }
    }
}

/// The light in the room.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Light {
    /// Where the lamp is, degrees: > 0 to the picture's right.
    pub azimuth_deg: f32,
    /// Where the lamp is, degrees above the horizon.
    pub elevation_deg: f32,
    /// Strength of the lamp, 1 usual.
    pub strength: f32,
    /// Light from all around, 1 usual.
    pub ambient: f32,
    /// −1 bluish to 1 reddish.
    pub warmth: f32,
}

impl Default for Light {
    fn default() -> Self {
        Self { azimuth_deg: -28.0, elevation_deg: 38.0, strength: 1.0, ambient: 1.0, warmth: 0.15 }
    }
}

impl Light {
    fn lamp(&self) -> Lamp {
        let (azimuth, elevation) = (self.azimuth_deg.to_radians(), self.elevation_deg.to_radians());
        let towards = vec3(sin(azimuth) * cos(elevation), -sin(elevation), cos(azimuth) * cos(elevation)).unit();
        let tint = [1.0 + 0.12 * self.warmth, 1.0, 1.0 - 0.18 * self.warmth];
        let scaled = |rgb: [f32; 3], by: f32| [rgb[0] * tint[0] * by, rgb[1] * tint[1] * by, rgb[2] * tint[2] * by];
        Lamp {
            towards,
            key: scaled([0.78, 0.76, 0.72], self.strength),
            sky: scaled([0.50, 0.51, 0.53], self.ambient),
            ground: scaled([0.27, 0.245, 0.22], self.ambient),
        }
    }
}

/// How a person stands before the camera.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stance {
    /// Turn of the head.
    pub pose: Pose,
    /// What the face does.
    pub expression: Expression,
    /// Metres from the camera to the middle of the head.
    pub distance_m: f32,
    /// Metres the head is right of the camera's axis.
    pub right_m: f32,
    /// Metres the head is below the camera's axis.
    pub down_m: f32,
    /// Whether a surgical mask is worn.
    pub mask: bool,
}

impl Default for Stance {
    fn default() -> Self {
        Self {
            pose: Pose::default(),
            expression: Expression { smile: 0.3, ..Expression::default() },
            distance_m: 0.62,
            right_m: 0.0,
            down_m: 0.0,
            mask: false,
        }
    }
}

/// What is true of one face in a picture, in its pixels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// Who it is: the index among the people of the picture's making.
    pub identity: usize,
    /// x, y, width and height from the hairline to the chin; may reach out of the picture.
    pub r#box: [f32; 4],
    /// Left eye, right eye, tip of the nose, left and right corner of the mouth, as the picture shows them.
    pub landmarks: [[f32; 2]; 5],
    /// How the head was turned.
    pub pose: Pose,
    /// The light.
    pub light: Light,
    /// Metres away.
    pub distance_m: f32,
    /// Whether glasses were worn.
    pub glasses: bool,
    /// Whether a mask was worn.
    pub mask: bool,
}

/// The camera of the drawn kiosk: 640 × 480, 60° wide.
pub const CAMERA: Pinhole = Pinhole::centred(640, 480, 555.0);

/// A person ready to be drawn: what does not change from frame to frame is painted once.
pub struct Figure {
    portrait: Portrait,
    /// Texels a side of the face's texture.
    detail: usize,
    still: Vec<Surface>,
    crown: Vec<Surface>,
    /// The last faces made, newest last: a blink needs three.
    faces: Vec<(Expression, bool, Vec<Surface>)>,
}

impl Figure {
    /// Prepares a person. `detail` is the side of the face's texture in texels: 512 for a face that fills the picture,
    /// 192 for small ones.
    pub fn new(portrait: Portrait, detail: usize) -> Self {
        let detail = detail.clamp(64, 1024);
        let build = Build::new(&portrait, &Expression::default());
        let still = dress::surfaces(&portrait, &build, (detail * 5 / 8).max(96));
        let mut crown = vec![wear::ear(&portrait, &build, -1.0), wear::ear(&portrait, &build, 1.0)];
        crown.extend(hair::surfaces(&portrait, &build, (detail * 5 / 8).max(96)));
        if let Some(cap) = &portrait.cap {
            crown.extend(wear::cap(cap, &build, portrait.seed));
        }
        Self { portrait, detail, still, crown, faces: Vec::new() }
    }

    /// Who it is.
    pub fn portrait(&self) -> &Portrait {
        &self.portrait
    }

    /// Makes sure that this face is among those made.
    fn face(&mut self, expression: &Expression, mask: bool) {
        if !self.faces.iter().any(|(e, m, _)| e == expression && *m == mask) {
            if self.faces.len() >= 3 {
                self.faces.remove(0);
            }
            self.faces.push((*expression, mask, self.make_face(expression, mask)));
        }
    }

    fn make_face(&self, expression: &Expression, mask: bool) -> Vec<Surface> {
        let portrait = &self.portrait;
        let build = Build::new(portrait, expression);
        let mut paint = Paint::new(&build, self.detail);
        skin::paint(&mut paint, portrait, &build);
        hair::undercoat(&mut paint, portrait);
        mouth::paint(&mut paint, portrait, &build);
        eyes::paint(&mut paint, portrait, &build, expression);
        // Finer than the texture's detail shows nothing more.
        let grid = (self.detail * 3 / 8).clamp(64, 116);
        let head = Surface::lay(grid, grid, paint.texture(), |u, v| {
            let (theta, phi) = Build::angles(u, v);
            build.face(theta, phi)
        })
        .wrapped([0.42, 0.26, 0.20]);
        let mut parts = vec![head];
        if mask {
            let rgb = if portrait.seed.is_multiple_of(3) { colour(0xE6E8E6) } else { colour(0x9CBFD2) };
            parts.extend(wear::mask(&build, rgb));
        }
        if let Some(glasses) = &portrait.glasses {
            parts.extend(wear::glasses(glasses, &build));
        }
        parts
    }

    fn placements(stance: &Stance) -> (Placement, Placement) {
        let Pose { yaw_deg, pitch_deg, roll_deg } = stance.pose;
        let [yaw, pitch, roll] = [yaw_deg, pitch_deg, roll_deg].map(f32::to_radians);
        let origin = vec3(stance.right_m, stance.down_m, stance.distance_m);
        let head = Placement { turn: Turn::new(yaw, pitch, roll), pivot: PIVOT, origin, scale: METRES_A_UNIT };
        // The shoulders follow the head a little.
        let trunk = Placement { turn: Turn::new(yaw * 0.25, 0.0, roll * 0.15), ..head };
        (head, trunk)
    }

    /// Paints what the person shows in this stance.
    fn pose(&mut self, stance: &Stance) {
        self.face(&stance.expression, stance.mask);
    }

    /// What is to be drawn of the person, who was posed so.
    fn things(&self, stance: &Stance, light: &Light) -> Vec<Thing<'_>> {
        let (head, trunk) = Self::placements(stance);
        let lamp = light.lamp();
        let face = self.faces.iter().find(|(e, m, _)| (*e, *m) == (stance.expression, stance.mask));
        let face = face.map_or(&[][..], |(_, _, surfaces)| surfaces);
        let still = self.still.iter().map(|surface| (surface, trunk));
        still
            .chain(face.iter().chain(&self.crown).map(|surface| (surface, head)))
            .map(|(surface, placement)| Thing { surface, placement, lamp })
            .collect()
    }

    /// What is true of the person so drawn by `camera`.
    pub fn truth(&self, identity: usize, stance: &Stance, light: &Light, camera: &Pinhole) -> Truth {
        self.portrait.truth(identity, stance, light, camera)
    }
}

impl Portrait {
    /// See [`Figure::truth`].
    pub(super) fn truth(&self, identity: usize, stance: &Stance, light: &Light, camera: &Pinhole) -> Truth {
        let build = Build::new(self, &stance.expression);
        let (head, _) = Figure::placements(stance);
        let seen = |p: Vec3| {
            let (x, y) = camera.project(head.place(p));
            [x, y]
        };
        let corner_y = build.mouth_y - build.corners;
        let landmarks = [
            (-build.eye_x, 0.0),
            (build.eye_x, 0.0),
            (0.0, build.nose_y - 0.06),
            (-build.mouth_half, corner_y),
            (build.mouth_half, corner_y),
        ]
        .map(|(x, y)| seen(build.on_face(x, y)));
        let mut edges = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        for row in 0..=12 {
            for column in 0..=12 {
                let (theta, t) = (-1.25 + 2.5 * column as f32 / 12.0, row as f32 / 12.0);
                let [x, y] = seen(build.face(theta, -0.62 + (1.38 + 0.62) * t));
                edges = [edges[0].min(x), edges[1].min(y), edges[2].max(x), edges[3].max(y)];
            }
        }
        let [left, top, right, bottom] = edges;
        Truth {
            identity,
            r#box: [left, top, right - left, bottom - top],
            landmarks,
            pose: stance.pose,
            light: *light,
            distance_m: stance.distance_m,
            glasses: self.glasses.is_some(),
            mask: stance.mask,
        }
    }
}

/// What the camera adds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Film {
    /// Blur, standard deviation in pixels.
    pub blur_px: f32,
    /// Noise, standard deviation in steps of 0..255.
    pub noise: f32,
    /// Seed of the noise.
    pub seed: u32,
}

impl Default for Film {
    fn default() -> Self {
        Self { blur_px: 0.0, noise: 2.0, seed: 1 }
    }
}

/// The empty canteen of this seed.
pub fn canteen(camera: &Pinhole, seed: u64, clutter: f32, light: &Light) -> RgbImage {
    canteen_through(camera, &Window::whole(camera.width, camera.height), seed, clutter, light)
}

/// The part of it that `window` shows.
pub(super) fn canteen_through(camera: &Pinhole, window: &Window, seed: u64, clutter: f32, light: &Light) -> RgbImage {
    room::paint((camera.width, camera.height), window, seed, clutter, 0.55 * light.ambient + 0.45 * light.strength)
}

/// Draws pictures one after another, with room for one kept.
pub struct Studio {
    canvas: Canvas,
}

impl Studio {
    /// A studio with this camera.
    pub fn new(camera: Pinhole) -> Self {
        Self { canvas: Canvas::new(camera) }
    }

    /// Takes another camera.
    pub(super) fn aim(&mut self, camera: Pinhole) {
        self.canvas.aim(camera);
    }

    /// Draws people, the farthest first, over a background of the camera's size, as the film takes it.
    pub fn picture(
        &mut self,
        background: &RgbImage,
        people: &mut [(&mut Figure, Stance)],
        light: &Light,
        film: &Film,
    ) -> RgbImage {
        let mut picture = background.clone();
        people.sort_by(|a, b| b.1.distance_m.total_cmp(&a.1.distance_m));
        if !people.is_empty() {
            people.iter_mut().for_each(|(figure, stance)| figure.pose(stance));
            let things: Vec<Thing<'_>> =
                people.iter().flat_map(|(figure, stance)| figure.things(stance, light)).collect();
            self.canvas.draw(&things, &mut picture);
        }
        lens::blur(&mut picture, film.blur_px);
        lens::noise(&mut picture, film.noise, film.seed);
        picture
    }
}

impl Portrait {
    /// One still 640 × 480 picture of this person in the canteen, looking as `pose` says.
    pub fn frame(&self, pose: Pose, light: Light, distance_m: f32) -> RgbImage {
        let mut figure = Figure::new(self.clone(), 384);
        let stance = Stance { pose, distance_m, ..Stance::default() };
        let background = canteen(&CAMERA, u64::from(self.seed), 0.0, &light);
        let film = Film { seed: self.seed, ..Film::default() };
        Studio::new(CAMERA).picture(&background, &mut [(&mut figure, stance)], &light, &film)
    }
}
