//! Pictures of drawn people in the widest variation, for training, calibration and tests.

use image::RgbImage;
use serde::Serialize;

use super::head::Expression;
use super::math::Dice;
use super::portrait::Portrait;
use super::raster::Pinhole;
use super::room::Window;
use super::scene::{Figure, Film, Light, Pose, Stance, Studio, Truth, canteen, canteen_through};

/// Two numbers that never meet by adding one to a seed.
const PEOPLE: u64 = 0x9E37_79B9_7F4A_7C15;
const SHOTS: u64 = 0xD1B5_4A32_D192_ED03;

/// Side of a close-up, pixels.
const CLOSE_UP_PX: u32 = 208;
/// Widest face in a close-up, pixels: as much as an aligned face of 112 pixels can show.
const CLOSE_FACE_PX: f32 = 104.0;
/// The share of pictures in which somebody wears a mask, unless the album is told another.
pub const MASKED: f32 = 0.08;

/// People and pictures that follow from one seed.
///
/// Picture `(person, frame)` is the same whatever was drawn before it, so that threads may share the work.
#[derive(Debug, Clone, Copy)]
pub struct Album {
    seed: u64,
    people: usize,
    camera: Pinhole,
    masked: f32,
}

/// One picture and everything that is true of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shot {
    /// The picture, left out of the JSON.
    #[serde(skip)]
    pub picture: RgbImage,
    /// Everyone in it, the farthest first; nobody in an empty one.
    pub faces: Vec<Truth>,
    /// What the camera added.
    pub film: Film,
    /// How much hangs on the walls that may pass for a face, 0..1.
    pub clutter: f32,
}

impl Album {
    /// An album of `people` persons in pictures of `width × height` pixels, 60° wide.
    pub fn new(seed: u64, people: usize, width: u32, height: u32) -> Self {
        let focal_px = width.max(height) as f32 * 0.867;
        Self { seed, people, camera: Pinhole::centred(width, height, focal_px), masked: MASKED }
    }

    /// The same album, in which somebody wears a mask in this share of the pictures, 0..=1; all else stays as it was.
    pub const fn masked(self, masked: f32) -> Self {
        Self { masked, ..self }
    }

    /// The camera of its pictures, for the [`Studio`].
    pub const fn camera(&self) -> Pinhole {
        self.camera
    }

    /// A person of the album.
    pub fn portrait(&self, person: usize) -> Portrait {
        Portrait::new(Dice::new(self.seed ^ (person as u64 + 1).wrapping_mul(PEOPLE)).bits())
    }

    /// A picture of `person`, in one of six with others of the album beside or behind.
    pub fn shot(&self, studio: &mut Studio, person: usize, frame: usize) -> Shot {
        let mut dice = self.dice(person as u64 + 1, frame as u64);
        let light = throw_light(&mut dice);
        let mut people = vec![self.stand(person, &mut dice, None)];
        if self.people > 1 && dice.chance(0.17) {
            for side in [-1.0, 1.0].into_iter().take(1 + (dice.bits() % 2) as usize) {
                let other = (person + 1 + dice.bits() as usize % (self.people - 1)) % self.people;
                people.push(self.stand(other, &mut dice, Some(side)));
            }
        }
        self.develop(studio, people, &light, &mut dice)
    }

    /// The surroundings of one face, 208 × 208 pixels: `person` alone, posed, lit and blurred as in [`Album::shot`], a face
    /// wider than 104 pixels shrunk to that. It costs a third of a whole frame.
    pub fn close_up(&self, studio: &mut Studio, person: usize, frame: usize) -> Shot {
        let mut dice = self.dice(person as u64 + 1, frame as u64);
        let light = throw_light(&mut dice);
        let Thrown { portrait, stance } = self.throw(person, &mut dice, None);
        let Setting { clutter, wall, film } = throw_setting(&mut dice);
        let [x, y, w, h] = portrait.truth(person, &stance, &light, &self.camera).r#box;
        // A face turned away is narrower, not smaller.
        let scale = (CLOSE_FACE_PX / w.max(0.8 * h)).min(1.0);
        let reach = CLOSE_UP_PX as f32 / scale / 2.0;
        let (left, top) = (x + w / 2.0 - reach, y + h / 2.0 - reach);
        let window = Window { left, top, scale, width: CLOSE_UP_PX, height: CLOSE_UP_PX };
        let (axis_x, axis_y) = self.camera.axis;
        let camera = Pinhole {
            width: CLOSE_UP_PX,
            height: CLOSE_UP_PX,
            focal_px: self.camera.focal_px * scale,
            axis: ((axis_x - left) * scale, (axis_y - top) * scale),
        };
        let mut figure = Figure::new(portrait, detail(&camera, &stance));
        let faces = vec![figure.truth(person, &stance, &light, &camera)];
        // Shrinking averages the noise away as it narrows the blur.
        let film = Film { blur_px: film.blur_px * scale, noise: film.noise * scale, ..film };
        let background = canteen_through(&self.camera, &window, wall, clutter, &light);
        studio.aim(camera);
        let picture = studio.picture(&background, &mut [(&mut figure, stance)], &light, &film);
        Shot { picture, faces, film, clutter }
    }

    /// A picture of the canteen with nobody in it.
    pub fn empty(&self, studio: &mut Studio, frame: usize) -> Shot {
        let mut dice = self.dice(0, frame as u64);
        let light = throw_light(&mut dice);
        self.develop(studio, Vec::new(), &light, &mut dice)
    }

    fn dice(&self, person: u64, frame: u64) -> Dice {
        let place = person.wrapping_mul(PEOPLE) ^ frame.wrapping_add(1).wrapping_mul(SHOTS);
        Dice::new(Dice::new(self.seed ^ place).bits())
    }

    fn develop(&self, studio: &mut Studio, mut people: Vec<Standing>, light: &Light, dice: &mut Dice) -> Shot {
        let Setting { clutter, wall, film } = throw_setting(dice);
        let background = canteen(&self.camera, wall, clutter, light);
        let truth = |p: &Standing| p.figure.truth(p.person, &p.stance, light, &self.camera);
        // The nearest first: whose face another covers is not in the picture.
        people.sort_by(|a, b| a.stance.distance_m.total_cmp(&b.stance.distance_m));
        let mut seen: Vec<[f32; 4]> = Vec::new();
        people.retain(|person| {
            let own = truth(person).r#box;
            let free = seen.iter().all(|nearer| covered(&own, nearer) < 0.15);
            seen.push(own);
            free
        });
        people.reverse();
        let faces = people.iter().map(truth).collect();
        let mut standing: Vec<(&mut Figure, Stance)> = people.iter_mut().map(|p| (&mut p.figure, p.stance)).collect();
        studio.aim(self.camera);
        let picture = studio.picture(&background, &mut standing, light, &film);
        Shot { picture, faces, film, clutter }
    }

    /// A person dressed and standing for one picture; with a side, behind the first.
    fn stand(&self, person: usize, dice: &mut Dice, behind: Option<f32>) -> Standing {
        let Thrown { portrait, stance } = self.throw(person, dice, behind);
        Standing { person, figure: Figure::new(portrait, detail(&self.camera, &stance)), stance }
    }

    fn throw(&self, person: usize, dice: &mut Dice, behind: Option<f32>) -> Thrown {
        let mut portrait = self.portrait(person).dressed(dice.bits());
        // Glasses and caps come off now and then: they are no part of who somebody is.
        if dice.chance(0.15) {
            portrait.glasses = None;
        }
        if dice.chance(0.5) {
            portrait.cap = None;
        }
        let near = dice.between(0.0, 1.0);
        let distance_m = if behind.is_some() { 1.0 + 1.0 * near } else { 0.40 + 1.5 * near * near };
        // Half the picture's width and height at that distance, less a head.
        let room = |pixels: u32| (distance_m * pixels as f32 * 0.5 / self.camera.focal_px - 0.11).max(0.0);
        let (wide, high) = (room(self.camera.width), room(self.camera.height));
        let right_m = match behind {
            Some(side) => side * wide * dice.between(0.5, 0.95),
            None => wide * 0.8 * dice.swing(),
        };
        let stance = Stance {
            pose: Pose::new(30.0 * dice.swing(), 24.0 * dice.swing(), 20.0 * dice.swing()),
            expression: throw_expression(dice),
            distance_m,
            right_m,
            down_m: high * 0.8 * dice.swing(),
            mask: dice.chance(self.masked),
        };
        Thrown { portrait, stance }
    }
}

/// Texels for the pixels that a face will fill.
fn detail(camera: &Pinhole, stance: &Stance) -> usize {
    let face_px = 0.17 * camera.focal_px / stance.distance_m;
    (face_px * 2.2).clamp(128.0, 448.0) as usize
}

/// The share of `own` that somebody nearer hides, whose face is `nearer`: hair and shoulders hide more than the face.
fn covered(own: &[f32; 4], nearer: &[f32; 4]) -> f32 {
    let [x, y, w, h] = *own;
    let [nx, ny, nw, nh] = *nearer;
    let wide = (x + w).min(nx + 1.3 * nw) - x.max(nx - 0.3 * nw);
    let shoulders = (x + w).min(nx + 1.9 * nw) - x.max(nx - 0.9 * nw);
    let above = (y + h).min(ny + nh) - y.max(ny - 0.4 * nh);
    let below = (y + h) - y.max(ny + nh);
    (wide.max(0.0) * above.max(0.0) + shoulders.max(0.0) * below.max(0.0)) / (w * h).max(1.0)
}

struct Standing {
    person: usize,
    figure: Figure,
    stance: Stance,
}

/// Somebody as they are in one picture.
struct Thrown {
    portrait: Portrait,
    stance: Stance,
}

/// What is behind and before the people of one picture.
struct Setting {
    clutter: f32,
    /// Seed of the canteen.
    wall: u64,
    film: Film,
}

fn throw_setting(dice: &mut Dice) -> Setting {
    let clutter = dice.between(-0.3, 1.0).max(0.0);
    let wall = dice.bits();
    let film = Film {
        blur_px: if dice.chance(0.55) { 0.0 } else { 0.3 + 2.2 * dice.between(0.0, 1.0) * dice.between(0.0, 1.0) },
        noise: 0.5 + 8.5 * dice.between(0.0, 1.0) * dice.between(0.0, 1.0),
        seed: dice.seed(),
    };
    Setting { clutter, wall, film }
}

fn throw_light(dice: &mut Dice) -> Light {
    Light {
        azimuth_deg: 75.0 * dice.swing(),
        elevation_deg: dice.between(0.0, 70.0),
        strength: dice.between(0.3, 1.45),
        ambient: dice.between(0.4, 1.25),
        warmth: dice.swing(),
    }
}

fn throw_expression(dice: &mut Dice) -> Expression {
    Expression {
        smile: (0.2 + 0.7 * dice.swing()).clamp(-0.5, 1.0),
        mouth_open: if dice.chance(0.2) { dice.between(0.1, 0.9) } else { 0.0 },
        eyes_closed: if dice.chance(0.12) { dice.between(0.2, 1.0) } else { 0.0 },
        brows: 0.7 * dice.swing(),
        gaze_x: 0.8 * dice.swing(),
        gaze_y: 0.6 * dice.swing(),
    }
}
