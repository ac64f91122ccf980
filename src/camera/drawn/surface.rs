//! Curved surfaces as grids of points, with a painted texture.

use super::math::Vec3;

/// One point of a painted surface: linear red, green, blue, opacity, slope to the right, slope down, gloss, unused.
pub type Texel = [f32; 8];

/// A texture laid over the whole of a [`Surface`].
#[derive(Debug, Clone)]
pub struct Texture {
    pub width: usize,
    pub height: usize,
    /// Row by row, `width × height`.
    pub texels: Vec<Texel>,
}

impl Texture {
    /// Paints each texel by its place `(u, v)`, both 0..1.
    pub fn paint(width: usize, height: usize, mut texel: impl FnMut(f32, f32) -> Texel) -> Self {
        let mut texels = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                texels.push(texel(column as f32 / (width - 1) as f32, row as f32 / (height - 1) as f32));
            }
        }
        Self { width, height, texels }
    }

    /// One colour all over.
    pub fn plain(colour: [f32; 3], gloss: f32) -> Self {
        Self { width: 1, height: 1, texels: vec![[colour[0], colour[1], colour[2], 1.0, 0.0, 0.0, gloss, 0.0]] }
    }

    /// The texture at `(u, v)`, between four texels.
    #[inline]
    pub(super) fn sample(&self, u: f32, v: f32) -> Texel {
        let x = (u * (self.width - 1) as f32).max(0.0);
        let y = (v * (self.height - 1) as f32).max(0.0);
        let (column, row) = ((x as usize).min(self.width - 1), (y as usize).min(self.height - 1));
        let (right, below) = ((column + 1).min(self.width - 1), (row + 1).min(self.height - 1));
        let (tx, ty) = (x - column as f32, y - row as f32);
        let (a, b) = (&self.texels[row * self.width + column], &self.texels[row * self.width + right]);
        let (c, d) = (&self.texels[below * self.width + column], &self.texels[below * self.width + right]);
        let mut out = [0.0; 8];
        for i in 0..8 {
            let top = a[i] + (b[i] - a[i]) * tx;
            let low = c[i] + (d[i] - c[i]) * tx;
            out[i] = top + (low - top) * ty;
        }
        out
    }
}

/// A grid of points with a texture.
#[derive(Debug, Clone)]
pub struct Surface {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) points: Vec<Vec3>,
    pub(super) normals: Vec<Vec3>,
    pub texture: Texture,
    /// How far light creeps round into the shade, a channel; skin glows red there.
    pub wrap: [f32; 3],
    /// Whether the back is drawn too.
    pub two_sided: bool,
}

impl Surface {
    /// Lays a grid of `columns × rows` points by place `(u, v)`, both 0..1. Seen from the front, u runs right and v down.
    pub fn lay(columns: usize, rows: usize, texture: Texture, mut point: impl FnMut(f32, f32) -> Vec3) -> Self {
        let mut points = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                points.push(point(column as f32 / (columns - 1) as f32, row as f32 / (rows - 1) as f32));
            }
        }
        let at = |column: usize, row: usize| points[row.min(rows - 1) * columns + column.min(columns - 1)];
        let mut normals = Vec::with_capacity(points.len());
        for row in 0..rows {
            for column in 0..columns {
                let across = at(column + 1, row) - at(column.saturating_sub(1), row);
                let down = at(column, row + 1) - at(column, row.saturating_sub(1));
                normals.push(across.cross(down).unit());
            }
        }
        Self { columns, rows, points, normals, texture, wrap: [0.15; 3], two_sided: false }
    }

    /// The same with another [`Surface::wrap`].
    pub fn wrapped(mut self, wrap: [f32; 3]) -> Self {
        self.wrap = wrap;
        self
    }

    /// The same, drawn from behind too.
    pub fn both_sides(mut self) -> Self {
        self.two_sided = true;
        self
    }
}
