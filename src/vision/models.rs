//! The models in use: those of `recognition.toml` where they are whole, otherwise the drawn pack.

use super::manifest::{ModelRole, PackName};
use super::pack::{ModelError, ModelFile, ModelPack};
use crate::config::RecognitionConfig;
use crate::domain::{Calibration, CalibrationError};

/// Which pack is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// The real pack where it is whole, otherwise the drawn one.
    #[default]
    Any,
    /// The models of `recognition.toml` and no others.
    Real,
    /// The drawn pack.
    Drawn,
}

/// The models in use, read and their digests checked.
#[derive(Debug)]
pub struct Models {
    pack: PackName,
    config: RecognitionConfig,
    set_aside: Vec<ModelError>,
    detector: ModelFile,
    embedder: ModelFile,
    liveness: Vec<ModelFile>,
}

impl Models {
    /// The models of `pack` that `config` names, or the drawn ones that take over when a file is missing, unreadable or
    /// another one than the manifest says. A name that the manifest does not know, or of a model that does something
    /// else, is an error: nothing takes over for a typo.
    ///
    /// # Errors
    /// [`ModelError`] naming the file and the remedy: of the real pack where it is wanted, of both where neither is whole.
    pub fn choose(pack: &ModelPack, config: &RecognitionConfig, wanted: Wanted) -> Result<Self, ModelError> {
        if wanted == Wanted::Drawn {
            return Self::drawn(pack, config);
        }
        let errors = match Self::named(pack, config) {
            Ok(models) => return Ok(models),
            Err(errors) => errors,
        };
        let mut set_aside = Vec::with_capacity(errors.len());
        for error in errors {
            let of_the_file = matches!(
                error,
                ModelError::Missing { .. }
                    | ModelError::NotAFile { .. }
                    | ModelError::Refused { .. }
                    | ModelError::Unreadable { .. }
            );
            if wanted == Wanted::Real || !of_the_file {
                return Err(error);
            }
            set_aside.push(error);
        }
        match Self::drawn(pack, config) {
            Ok(drawn) => Ok(Self { set_aside, ..drawn }),
            Err(drawn) => Err(match set_aside.into_iter().next() {
                Some(real) => ModelError::Neither { real: Box::new(real), drawn: Box::new(drawn) },
                None => drawn,
            }),
        }
    }

    /// Exactly the models that `config` names; otherwise what is wrong with each that is not to be had, at least one.
    fn named(pack: &ModelPack, config: &RecognitionConfig) -> Result<Self, Vec<ModelError>> {
        let mut errors = Vec::new();
        let mut take = |id: &str, role| pack.load_as(id, role).map_err(|error| errors.push(error)).ok();
        let detector = take(&config.models.detector, ModelRole::Detector);
        let embedder = take(&config.models.embedder, ModelRole::Embedder);
        let asked = if config.liveness.enabled { config.models.liveness.as_slice() } else { &[] };
        let liveness: Vec<ModelFile> = asked.iter().filter_map(|id| take(id, ModelRole::Liveness)).collect();
        match (detector, embedder) {
            (Some(detector), Some(embedder)) if errors.is_empty() => Ok(Self::of(config, detector, embedder, liveness)),
            _ => Err(errors),
        }
    }

    fn drawn(pack: &ModelPack, config: &RecognitionConfig) -> Result<Self, ModelError> {
        let detector = pack.load_drawn(ModelRole::Detector)?;
        let embedder = pack.load_drawn(ModelRole::Embedder)?;
        Ok(Self::of(config, detector, embedder, vec![]))
    }

    fn of(config: &RecognitionConfig, detector: ModelFile, embedder: ModelFile, mut liveness: Vec<ModelFile>) -> Self {
        let drawn = [&detector, &embedder].iter().any(|file| file.card.pack == PackName::Drawn);
        let pack = if drawn { PackName::Drawn } else { PackName::Real };
        let mut config = config.clone();
        if drawn {
            // Nobody drawn is alive, and recognition.toml's similarity is another embedder's.
            liveness.clear();
            config.liveness.enabled = false;
            config.decision.fixed_similarity = None;
        }
        config.models.detector.clone_from(&detector.card.id);
        config.models.embedder.clone_from(&embedder.card.id);
        config.models.liveness = liveness.iter().map(|file| file.card.id.clone()).collect();
        if let Some(score) = detector.card.min_score {
            config.detection.min_score = score;
        }
        Self { pack, config, set_aside: vec![], detector, embedder, liveness }
    }

    /// Whom they know. With one drawn model among them nobody real is known.
    pub fn pack(&self) -> PackName {
        self.pack
    }

    /// `recognition.toml` as it holds with these models: the drawn ones bring their own thresholds, and without a liveness
    /// model liveness is not asked for.
    pub fn config(&self) -> &RecognitionConfig {
        &self.config
    }

    /// What is wrong with the models of `recognition.toml` that the drawn ones took over from; empty where nothing is.
    pub fn set_aside(&self) -> &[ModelError] {
        &self.set_aside
    }

    /// What the embedder's similarities mean; `None` when nobody measured it.
    ///
    /// # Errors
    /// [`CalibrationError`]; a manifest that was read holds no such calibration.
    pub fn calibration(&self) -> Result<Option<Calibration>, CalibrationError> {
        self.embedder.card.score_calibration()
    }

    pub(super) fn detector(&self) -> &ModelFile {
        &self.detector
    }

    pub(super) fn embedder(&self) -> &ModelFile {
        &self.embedder
    }

    pub(super) fn liveness(&self) -> &[ModelFile] {
        &self.liveness
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::config::parse_toml;

    /// The models that the shipped recognition.toml names, each with its role.
    const REAL: [(&str, &str); 4] = [
        ("yunet", "detector"),
        ("mobilefacenet", "embedder"),
        ("minifasnet-v2", "liveness"),
        ("minifas-celebaspoof", "liveness"),
    ];

    /// Both packs in a folder of their own: the drawn files beside the manifest, the real ones in `real/`. Each file holds
    /// its model's id.
    struct Shelf {
        folder: tempfile::TempDir,
    }

    impl Shelf {
        fn new() -> Self {
            let shelf = Self { folder: tempfile::tempdir().expect("a folder") };
            std::fs::create_dir(shelf.real()).expect("a folder");
            let mut manifest = String::new();
            for (id, role) in REAL {
                manifest += &card(id, role, "crop = 2.0\nlive = 0\n");
                std::fs::write(shelf.real().join(id), id).expect("a file");
            }
            const CURVE: &str = "calibration = [{ population = 'drawn', conservative = true, points = [\
                 { fmr = 1e-2, similarity = 0.2, tmr = 1.0 }, { fmr = 1e-3, similarity = 0.3, tmr = 1.0 }] }]\n";
            for (id, role, more) in [("d", "detector", "min_score = 0.625\n"), ("e", "embedder", CURVE)] {
                manifest += &card(id, role, &format!("pack = 'drawn'\n{more}"));
                std::fs::write(shelf.folder.path().join(id), id).expect("a file");
            }
            std::fs::write(shelf.folder.path().join("models.toml"), manifest).expect("the manifest");
            shelf
        }

        fn real(&self) -> PathBuf {
            self.folder.path().join("real")
        }

        fn choose(&self, config: &RecognitionConfig, wanted: Wanted) -> Result<Models, ModelError> {
            let manifest = self.folder.path().join("models.toml");
            Models::choose(&ModelPack::open(&manifest, &[self.real()]).expect("a manifest"), config, wanted)
        }
    }

    fn card(id: &str, role: &str, more: &str) -> String {
        let digest: String = Sha256::digest(id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            "[[model]]\nid = '{id}'\nrole = '{role}'\nfile = '{id}'\nsha256 = '{digest}'\nbytes = 1\nsource = 's'\n\
             licence = 'l'\ntrained_on = 't'\nchannels = 'rgb'\ndivisor = 1.0\nmean = [0.0, 0.0, 0.0]\n\
             deviation = [1.0, 1.0, 1.0]\ninputs = [{{ name = 'i', shape = [1] }}]\n\
             outputs = [{{ name = 'o', shape = [1] }}]\n{more}"
        )
    }

    fn shipped() -> RecognitionConfig {
        parse_toml(Path::new("recognition.toml"), include_str!("../../kiosk-config/recognition.toml"))
            .expect("the shipped file")
    }

    #[test]
    fn the_real_models_are_taken_where_they_are_whole_and_leave_the_settings_as_they_are() {
        let models = Shelf::new().choose(&shipped(), Wanted::Any).expect("models");
        assert_eq!((models.pack(), models.config(), models.set_aside().len()), (PackName::Real, &shipped(), 0));
        assert_eq!((models.embedder().bytes.as_slice(), models.liveness().len()), (&b"mobilefacenet"[..], 2));
    }

    #[test]
    fn one_real_file_that_is_missing_or_another_one_brings_the_drawn_models_with_their_own_thresholds() {
        for (id, _) in REAL {
            for damage in [None, Some("something else")] {
                let shelf = Shelf::new();
                match damage {
                    Some(text) => std::fs::write(shelf.real().join(id), text).expect("the damage"),
                    None => std::fs::remove_file(shelf.real().join(id)).expect("it was there"),
                }
                let mut config = shipped();
                config.decision.fixed_similarity = Some(0.6);
                let models = shelf.choose(&config, Wanted::Any).expect("the drawn models");
                assert_eq!((models.pack(), models.embedder().bytes.as_slice()), (PackName::Drawn, &b"e"[..]));
                let [why] = models.set_aside() else { panic!("{:?}", models.set_aside()) };
                assert!(why.to_string().contains(id), "{why}");
                assert_eq!(matches!(why, ModelError::Refused { .. }), damage.is_some(), "{why}");
                let used = models.config();
                assert_eq!((used.detection.min_score, used.decision.fixed_similarity), (0.625, None));
                assert!(!used.liveness.enabled && used.models.liveness.is_empty() && models.liveness().is_empty());
                let strict = shelf.choose(&config, Wanted::Real).expect_err("the real ones are not whole");
                assert_eq!(strict.to_string(), why.to_string());
            }
        }
    }

    #[test]
    fn a_liveness_model_that_nobody_asks_for_may_be_missing() {
        let shelf = Shelf::new();
        std::fs::remove_file(shelf.real().join("minifasnet-v2")).expect("it was there");
        let mut config = shipped();
        config.liveness.enabled = false;
        assert_eq!(shelf.choose(&config, Wanted::Any).expect("models").pack(), PackName::Real);
    }

    #[test]
    fn nothing_takes_over_for_a_name_that_the_manifest_does_not_know_or_of_another_role() {
        let shelf = Shelf::new();
        for (id, part) in [("mobilefacenet2", "knows no model"), ("yunet", "is a detector")] {
            let mut config = shipped();
            config.models.embedder = id.to_owned();
            let error = shelf.choose(&config, Wanted::Any).expect_err(id).to_string();
            assert!(error.contains(part) && error.contains("recognition.toml"), "{error}");
        }
    }

    #[test]
    fn the_drawn_models_can_be_asked_for_and_named_and_one_of_them_makes_the_pack_a_drawn_one() {
        let shelf = Shelf::new();
        let models = shelf.choose(&shipped(), Wanted::Drawn).expect("the drawn models");
        assert_eq!((models.pack(), models.set_aside().len()), (PackName::Drawn, 0));
        let mut config = shipped();
        config.models.embedder = "e".to_owned();
        let models = shelf.choose(&config, Wanted::Any).expect("models");
        assert_eq!((models.pack(), models.liveness().len()), (PackName::Drawn, 0));
        assert_eq!(models.config().detection.min_score, shipped().detection.min_score, "the detector is the real one");
    }

    #[test]
    fn where_neither_pack_is_whole_both_are_named() {
        let shelf = Shelf::new();
        std::fs::remove_file(shelf.real().join("yunet")).expect("it was there");
        std::fs::write(shelf.folder.path().join("d"), "something else").expect("the damage");
        let error = shelf.choose(&shipped(), Wanted::Any).expect_err("no pack").to_string();
        assert!(error.contains("yunet") && error.contains("/d is refused"), "{error}");
        assert!(shelf.choose(&shipped(), Wanted::Drawn).is_err());
    }
}
