//! The gallery: who is enrolled, and who of them is most like a probe.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use zeroize::Zeroizing;

use super::coarse::Coarse;
use super::population::Census;
use super::rows::Rows;
use crate::domain::decision::{Candidate, Candidates};
use crate::domain::{ElderId, ModelDigest, Population, Template, TemplateError};

/// Templates whose sum is shorter than this share of their number contradict each other and have no common centre.
const LEAST_AGREEMENT: f32 = 0.1;

/// The enrolled people, each with one template or several, all of one model.
///
/// **A person's score** for a probe is the mean of the similarity to the most similar template and the similarity to the
/// templates' centre (their sum, scaled to length 1). The best template alone lets one odd picture speak for a person,
/// the centre alone loses people who look different with and without glasses; on the developer pictures the mean of the
/// two separates better than either. A single template is its own centre, so its score is the plain cosine.
///
/// **The search is exact**: a first pass over one-byte templates bounds every person's score from both sides, and all who
/// could still be among the best two are compared again in 32 bits. The answer is the one of comparing everybody in 32
/// bits; equal scores go by elder id.
pub struct Gallery {
    model: ModelDigest,
    dimension: usize,
    rows: Rows,
    people: Vec<Person>,
    index: HashMap<ElderId, usize>,
    census: Census,
}

struct Person {
    elder: ElderId,
    /// First row and number of rows.
    first: usize,
    templates: usize,
    /// 1 / length of the sum of the templates; `None` where they have no common centre.
    pull: Option<f32>,
    /// What the score moves by at most, when every similarity moves by 1, and when each moves by its template's error.
    reach: f32,
    error: f32,
}

/// Why a template may not enter or be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GalleryError {
    /// Another model made it.
    #[error(
        "a template of model {found:.12} does not compare with the gallery's model {expected:.12}; remedy: enrol again \
         with the model in use"
    )]
    OtherModel {
        /// Digest of the gallery's model.
        expected: String,
        /// Digest of the template's.
        found: String,
    },
    /// It has another number of values.
    #[error("a template of {found} values does not compare with the gallery's {expected}")]
    OtherDimension {
        /// Values a template of this gallery has.
        expected: usize,
        /// Values it has.
        found: usize,
    },
    /// Its values are no template at all.
    #[error(transparent)]
    NoDirection(#[from] TemplateError),
    /// An enrolment without any template.
    #[error("nobody can be enrolled without a template")]
    NoTemplate,
}

impl Gallery {
    /// An empty gallery for templates of `dimension` values made by `model`.
    pub fn new(model: ModelDigest, dimension: usize) -> Self {
        Self {
            model,
            dimension,
            rows: Rows::new(dimension),
            people: vec![],
            index: HashMap::new(),
            census: Census::default(),
        }
    }

    /// A gallery of stored templates: whose each is, and its values.
    ///
    /// # Errors
    /// [`GalleryError`] when one of them is no template of this model and dimension.
    pub fn of(
        model: ModelDigest,
        dimension: usize,
        stored: impl IntoIterator<Item = (ElderId, Vec<f32>)>,
    ) -> Result<Self, GalleryError> {
        let (gallery, left_out) = Self::of_sound(model, dimension, stored);
        left_out.into_iter().next().map_or(Ok(gallery), |(_, error)| Err(error))
    }

    /// The same of those that are templates of this model and dimension, and whose others were left out and why.
    pub fn of_sound(
        model: ModelDigest,
        dimension: usize,
        stored: impl IntoIterator<Item = (ElderId, Vec<f32>)>,
    ) -> (Self, Vec<(ElderId, GalleryError)>) {
        let mut gallery = Self::new(model, dimension);
        let mut left_out = Vec::new();
        let mut templates: BTreeMap<ElderId, Vec<Template>> = BTreeMap::new();
        for (elder, values) in stored {
            let template = Template::new(values, gallery.model.clone()).map_err(GalleryError::from);
            match template.and_then(|template| gallery.check(&template).map(|()| template)) {
                Ok(template) => templates.entry(elder).or_default().push(template),
                Err(error) => left_out.push((elder, error)),
            }
        }
        for (elder, templates) in templates {
            left_out.extend(gallery.replace(elder.clone(), &templates).err().map(|error| (elder, error)));
        }
        (gallery, left_out)
    }

    /// Number of people.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Number of templates.
    pub fn templates(&self) -> usize {
        self.rows.len()
    }

    /// Whether this person is enrolled.
    pub fn contains(&self, elder: &ElderId) -> bool {
        self.index.contains_key(elder)
    }

    /// How many are enrolled and how alike they are.
    pub fn population(&self) -> Population {
        self.census.population()
    }

    /// Enrols a person with exactly these templates; earlier ones are gone.
    ///
    /// # Errors
    /// [`GalleryError`] when one of them cannot be compared with the others, or there is none; nothing is changed then.
    pub fn replace(&mut self, elder: ElderId, templates: &[Template]) -> Result<(), GalleryError> {
        if templates.is_empty() {
            return Err(GalleryError::NoTemplate);
        }
        templates.iter().try_for_each(|template| self.check(template))?;
        let mut values = Zeroizing::new(Vec::with_capacity(templates.len() * self.dimension));
        templates.iter().for_each(|template| values.extend_from_slice(template.values()));
        self.put(elder, &values);
        Ok(())
    }

    /// Takes a person out with all templates. Returns whether the person was enrolled.
    pub fn remove(&mut self, elder: &ElderId) -> bool {
        let Some(at) = self.index.remove(elder) else { return false };
        let person = self.people.remove(at);
        let mean = mean(&self.values_of(&person), self.dimension);
        self.census.subtract(&mean);
        self.rows.remove(person.rows());
        for (position, later) in self.people.iter_mut().enumerate().skip(at) {
            later.first -= person.templates;
            if let Some(entry) = self.index.get_mut(&later.elder) {
                *entry = position;
            }
        }
        true
    }

    /// The two most similar people.
    ///
    /// # Errors
    /// [`GalleryError`] when `probe` cannot be compared with the enrolled templates.
    pub fn search(&self, probe: &Template) -> Result<Candidates, GalleryError> {
        self.search_without(probe, None)
    }

    /// The two most similar people other than `left_out`: what a stranger of that looks would find.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_without(&self, probe: &Template, left_out: Option<&ElderId>) -> Result<Candidates, GalleryError> {
        self.check(probe)?;
        let left_out = left_out.and_then(|elder| self.index.get(elder)).copied();
        let mut best: Vec<Candidate> = Vec::with_capacity(3);
        for person in self.contenders(&Coarse::of(probe.values()), left_out) {
            let similarity = self.score(probe.values(), person);
            let place = best.partition_point(|other| (other.similarity, &person.elder) > (similarity, &other.elder));
            if place < 2 {
                best.insert(place, Candidate { elder: person.elder.clone(), similarity });
                best.truncate(2);
            }
        }
        let mut best = best.into_iter();
        Ok(Candidates { best: best.next(), runner_up: best.next(), population: self.population() })
    }

    /// Everybody other than `elder` whose score for one of `templates` reaches `similarity`, most similar first: people
    /// whom the kiosk could take for each other, or one person under two numbers.
    ///
    /// # Errors
    /// [`GalleryError`] when the templates cannot be compared with the enrolled ones.
    pub fn lookalikes(
        &self,
        elder: &ElderId,
        templates: &[Template],
        similarity: f32,
    ) -> Result<Vec<Candidate>, GalleryError> {
        templates.iter().try_for_each(|template| self.check(template))?;
        let mut found: Vec<Candidate> = self
            .people
            .iter()
            .filter(|person| person.elder != *elder)
            .filter_map(|person| {
                let scores = templates.iter().map(|template| self.score(template.values(), person));
                let most = scores.fold(-1.0, f32::max);
                (most >= similarity).then(|| Candidate { elder: person.elder.clone(), similarity: most })
            })
            .collect();
        found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.elder.cmp(&b.elder)));
        Ok(found)
    }

    /// Everybody whose score could be among the best two, by the one-byte templates.
    fn contenders(&self, probe: &Coarse, left_out: Option<usize>) -> impl Iterator<Item = &Person> {
        // Two people surely reach these; nobody whose upper bound is below the second can be among the best two.
        let (mut surest, mut second_surest) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        let mut possible: Vec<(f32, &Person)> = vec![];
        for (position, person) in self.people.iter().enumerate() {
            let mut fused = Fused::default();
            self.rows.coarse_similarities(probe, person.rows()).for_each(|similarity| fused.add(similarity));
            let (score, bound) = (fused.score(person.pull), probe.bound(person.reach, person.error));
            if score + bound < second_surest || Some(position) == left_out {
                continue;
            }
            possible.push((score + bound, person));
            let least = score - bound;
            if least > surest {
                (surest, second_surest) = (least, surest);
            } else if least > second_surest {
                second_surest = least;
            }
        }
        possible.into_iter().filter(move |(most, _)| *most >= second_surest).map(|(_, person)| person)
    }

    /// A person's score in 32 bits.
    fn score(&self, probe: &[f32], person: &Person) -> f32 {
        let mut fused = Fused::default();
        for row in person.rows() {
            fused.add(self.rows.similarity(probe, row));
        }
        fused.score(person.pull)
    }

    fn check(&self, template: &Template) -> Result<(), GalleryError> {
        if *template.model() != self.model {
            let (expected, found) = (self.model.0.clone(), template.model().0.clone());
            return Err(GalleryError::OtherModel { expected, found });
        }
        if template.values().len() != self.dimension {
            return Err(GalleryError::OtherDimension { expected: self.dimension, found: template.values().len() });
        }
        Ok(())
    }

    fn values_of(&self, person: &Person) -> Zeroizing<Vec<f32>> {
        let mut values = Zeroizing::new(Vec::with_capacity(person.templates * self.dimension));
        person.rows().for_each(|row| values.extend_from_slice(self.rows.exact(row)));
        values
    }

    /// Enrols checked templates, one after the other in `values`.
    fn put(&mut self, elder: ElderId, values: &[f32]) {
        self.remove(&elder);
        let first = self.rows.len();
        values.chunks_exact(self.dimension).for_each(|template| self.rows.push(template));
        let templates = self.rows.len() - first;
        let mean = mean(values, self.dimension);
        self.census.add(&mean);
        let length = mean.iter().map(|value| value * value).sum::<f64>().sqrt() as f32;
        let pull = match templates {
            1 => Some(1.0),
            _ => (length >= LEAST_AGREEMENT).then(|| 1.0 / (length * templates as f32)),
        };
        let moved = |moves: &mut dyn Iterator<Item = f32>| {
            let mut fused = Fused::default();
            moves.for_each(|by| fused.add(by));
            fused.score(pull)
        };
        let reach = moved(&mut (0..templates).map(|_| 1.0));
        let error = moved(&mut self.rows.coarse_errors(first..first + templates).iter().copied());
        self.index.insert(elder.clone(), self.people.len());
        self.people.push(Person { elder, first, templates, pull, reach, error });
    }
}

impl Person {
    fn rows(&self) -> Range<usize> {
        self.first..self.first + self.templates
    }
}

/// Scores of a person's templates on the way to the person's score.
struct Fused {
    most: f32,
    sum: f32,
}

impl Default for Fused {
    fn default() -> Self {
        Self { most: f32::NEG_INFINITY, sum: 0.0 }
    }
}

impl Fused {
    fn add(&mut self, similarity: f32) {
        self.most = self.most.max(similarity);
        self.sum += similarity;
    }

    /// See [`Gallery`]. Fed with how far each similarity moves it gives how far the score moves at most: the score is a
    /// mean of a maximum and a weighted sum, and neither moves more than what it is made of.
    fn score(&self, pull: Option<f32>) -> f32 {
        pull.map_or(self.most, |pull| (self.most + self.sum * pull) / 2.0)
    }
}

/// The mean of templates standing one after the other in `values`.
fn mean(values: &[f32], dimension: usize) -> Vec<f64> {
    let mut mean = vec![0.0f64; dimension];
    let templates = (values.len() / dimension.max(1)).max(1) as f64;
    for template in values.chunks_exact(dimension.max(1)) {
        for (total, value) in mean.iter_mut().zip(template) {
            *total += f64::from(*value) / templates;
        }
    }
    mean
}
