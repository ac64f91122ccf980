//! `mealpoint kiosk`: the kiosk itself, on a camera, on pictures, or on drawn people.

mod summary;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use self::summary::{Recorder, Summary};
use super::recognition::{ModelArguments, Recognition};
use super::size::size_within;
use super::{Context, ending, print_json};
use crate::camera::device::Device;
use crate::camera::drawn::Stage;
use crate::camera::{self, Feed, FrameSource, SourceSpec};
use crate::config::{CanteenConfig, ScreenConfig};
use crate::gallery::Gallery;
use crate::kiosk::demo::{self, Script, Visitor};
use crate::kiosk::engine::{Counter, Engine, Enrolled, Parts, Rules, ServingHours, Watcher, camera_event};
use crate::kiosk::link::Link;
use crate::kiosk::memory;
use crate::kiosk::session::{Event, Millis, Screen, View};
use crate::kiosk::vital;
use crate::screens::Surroundings;
use crate::screens::fonts::FontFiles;
use crate::screens::shots::Shots;
use crate::screens::window::{self, WindowOptions};
use crate::store::ledger::Books;
use crate::store::{Home, Ledger, OneKiosk, People};
use crate::vision::PackName;
use crate::words::{DEMO_MODELS, screens as words};

/// After a panic the threads that are left have this long to end in order.
const ORDERLY_END: Duration = Duration::from_secs(10);

/// How the kiosk is started.
#[derive(clap::Args)]
pub struct Args {
    /// Where frames come from: camera, drawn, or pictures:DIR [default: drawn people in a demo's data folder, the camera in one
    /// with real data; in an empty one the camera if there is one and the real models are, else drawn people]
    #[arg(long, value_name = "SOURCE")]
    source: Option<SourceSpec>,
    /// In a window of this size instead of the whole screen
    #[arg(long, value_name = "WxH", value_parser = size_within(320..=8192))]
    windowed: Option<(u16, u16)>,
    /// Save a picture of each screen that is shown into this folder
    #[arg(long, value_name = "DIR")]
    shots: Option<PathBuf>,
    /// End after this many settled meals and print a JSON summary
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    meals: Option<u64>,
    #[command(flatten)]
    models: ModelArguments,
}

/// Everything that is read before anything is shown.
struct Settings {
    context: Context,
    source: SourceSpec,
    /// The source, where finding it opened it.
    frames: Option<Box<dyn FrameSource>>,
    canteen: CanteenConfig,
    screen: ScreenConfig,
    recognition: Recognition,
    rules: Rules,
    meals: Option<u64>,
    started: Instant,
}

pub fn run(context: &Context, args: Args) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let ending = ending::hold()?;
    memory::give_back_large_buffers();
    let recognition = Recognition::open(context, args.models)?;
    let (source, frames) = match args.source {
        Some(source) => (source, None),
        None => usual_source(context, &recognition),
    };
    if source != SourceSpec::Drawn {
        recognition.refuse_drawn("a kiosk for real people")?;
    }
    let settings = Settings {
        canteen: CanteenConfig::read(&context.config)?,
        screen: ScreenConfig::read(&context.config)?,
        rules: Rules::read(&context.config)?,
        context: context.clone(),
        source,
        frames,
        recognition,
        meals: args.meals,
        started,
    };
    let drawn = settings.source == SourceSpec::Drawn;
    window::find_display()?;
    let asked = args.windowed.map(|(width, height)| [f32::from(width), f32::from(height)]);
    let window = WindowOptions {
        size: asked.or_else(|| (!settings.screen.fullscreen).then_some([1280.0, 800.0])),
        scale: settings.screen.scale,
        fonts: FontFiles::find(&settings.screen)?.load()?,
        shots: args.shots.map(Shots::start).transpose()?,
        real_people: !drawn,
        around: surroundings(&settings, drawn),
        zone: settings.canteen.zone.clone(),
    };
    // What was asked for is understood and its files are whole; from here on something is written. Whether the models load,
    // the camera delivers and the data can be opened shows behind the window.
    demo::keep_apart(&context.data, drawn)?;
    let _alone = OneKiosk::at(&Home::at(&context.data))?;
    let models = settings.recognition.pack();
    let summary = Summary { source: settings.source.to_string(), models, ..Summary::default() };
    let summary = Arc::new(Mutex::new(summary));
    let wanted = settings.meals;

    let (events, received) = mpsc::channel();
    let link = Arc::new(Link::new(events.clone()));
    link.show(View { number: 0, screen: Screen::Starting, several_faces: false, ends_in_s: None, face_needed: false });
    ending.on_first({
        let link = Arc::clone(&link);
        move || link.finish()
    })?;
    link.on_failure(end_in_any_case);
    let kiosk = Running::start(settings, &link, (events, received), &summary)?;
    let shown = window::run(window, Arc::clone(&link));
    let ended = kiosk.stop();
    let shots = shown?;
    ended?;
    if let Some(thread) = link.failure() {
        anyhow::bail!(
            "the kiosk's {thread} thread panicked, as said above; every meal that was shown as settled is written; remedy: \
             start the kiosk again"
        );
    }

    let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner).clone();
    summary.shots = shots;
    summary.seconds = (started.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    if wanted.is_some() || context.json {
        print_json(&summary)?;
    }
    match wanted {
        Some(meals) if summary.meals < meals => {
            anyhow::bail!("the kiosk ended after {} settled meals instead of {meals}", summary.meals)
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Ends the program as failed, should it not come to its end in order after a panic: a supervisor starts it again.
fn end_in_any_case() {
    let end = || {
        std::thread::sleep(ORDERLY_END);
        std::process::exit(1);
    };
    if let Err(error) = std::thread::Builder::new().name("ending".to_owned()).spawn(end) {
        tracing::error!("the end cannot be watched: {error}");
    }
}

/// The camera where there is one; drawn people where there is none, or where the models know nobody else, and no real
/// data either. A camera that was opened to see whether it is there comes with it.
fn usual_source(context: &Context, recognition: &Recognition) -> (SourceSpec, Option<Box<dyn FrameSource>>) {
    if demo::is_one(&context.data) {
        let folder = context.data.display();
        eprintln!(
            "mealpoint: {folder} holds a demo's data, so drawn people come; for the camera name another with --data"
        );
        return (SourceSpec::Drawn, None);
    }
    if !demo::is_possible(&context.data) {
        return (SourceSpec::Camera, None);
    }
    let camera = camera::open_if_there(Device::new(recognition.config.camera));
    match (&camera, recognition.refuse_drawn("the camera")) {
        (Some(_), Ok(())) => return (SourceSpec::Camera, camera),
        (Some(_), Err(reason)) => eprintln!("mealpoint: drawn people come instead: {reason}"),
        (None, _) => {}
    }
    (SourceSpec::Drawn, None)
}

fn surroundings(settings: &Settings, drawn: bool) -> Surroundings {
    let own = |text: &str, shipped: &str| if text.trim().is_empty() { shipped.to_owned() } else { text.to_owned() };
    Surroundings {
        canteen: settings.canteen.name.clone(),
        models: (settings.recognition.pack() == PackName::Drawn).then(|| DEMO_MODELS.to_owned()),
        demo: drawn.then(|| words::DEMO_NOTICE.to_owned()),
        notice: own(&settings.screen.notice, words::PRIVACY_NOTICE),
        own_share_collected: settings.screen.own_share_collected.clone(),
        ..Surroundings::default()
    }
}

/// The threads behind the window. Loading models takes a moment; the window is open meanwhile.
struct Running {
    stop: Arc<AtomicBool>,
    loading: JoinHandle<anyhow::Result<Behind>>,
}

/// What runs once everything is loaded.
struct Behind {
    engine: Engine,
    visitor: Option<JoinHandle<()>>,
}

impl Running {
    fn start(
        mut settings: Settings,
        link: &Arc<Link>,
        channel: (Sender<Event>, Receiver<Event>),
        summary: &Arc<Mutex<Summary>>,
    ) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (link, summary, stopping) = (Arc::clone(link), Arc::clone(summary), Arc::clone(&stop));
        let loading = vital::spawn("loading", &Arc::clone(&link), move || {
            let frames = settings.frames.take();
            let behind = load(&settings, frames, &link, channel, &summary, &stopping);
            if behind.is_err() {
                link.finish();
            }
            behind
        })?;
        Ok(Self { stop, loading })
    }

    /// Ends everything; the error is why it could not be loaded.
    fn stop(self) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Release);
        let behind = match self.loading.join() {
            Ok(behind) => behind?,
            Err(_) => anyhow::bail!("loading panicked"),
        };
        if let Some(visitor) = behind.visitor {
            // Its panic was told of when it happened.
            drop(visitor.join());
        }
        behind.engine.stop();
        Ok(())
    }
}

fn load(
    settings: &Settings,
    frames: Option<Box<dyn FrameSource>>,
    link: &Arc<Link>,
    (events, received): (Sender<Event>, Receiver<Event>),
    summary: &Arc<Mutex<Summary>>,
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<Behind> {
    let Settings { context, source, canteen, screen, recognition, rules, meals, started, .. } = settings;
    let home = Home::at(&context.data);
    let drawn = *source == SourceSpec::Drawn;
    let hours = if drawn {
        ServingHours::all_day(canteen.clone(), Timestamp::now())
    } else {
        ServingHours::of(canteen.clone())
    };
    let stage = Stage::new(u64::from(std::process::id()));
    // The first drawn elder walks up while the models are loaded, as people do.
    let visitor = if drawn { Some(invite(&home, &hours, *meals, &stage, link, *started, stop)?) } else { None };
    let config = &recognition.config;
    if drawn {
        // Stills are looked at more closely than frames ever are: these eyes give back what that takes.
        demo::enrol(&mut People::open_or_create(&home)?, &mut recognition.vision(false)?)?;
    } else if let Ok(people) = People::open(&home)
        && let Some(others) = recognition.enrolled_otherwise(&people)?
    {
        // A database that cannot be opened the counter tells of.
        tracing::warn!("{others}; remedy: enrol them again, or use the models of their enrolment");
    }
    let vision = recognition.vision(config.liveness.enabled)?;
    let policy = recognition.policy(&vision)?;
    let (model, dimension) = (vision.embedder().clone(), vision.dimension());
    let gallery = Arc::new(Mutex::new(Gallery::new(model.clone(), dimension)));
    let frames = frames.map_or_else(|| camera::open(source, &config.camera, &stage), Ok)?;
    let feed = Feed::start(frames, {
        let events = events.clone();
        move |status| {
            if let Some(event) = camera_event(&status) {
                // The session has ended; nobody looks at the camera's state any more.
                let _ = events.send(event);
            }
        }
    })?;
    let parts = Parts {
        options: screen.session_options(),
        counter: Counter::new(home, hours.clone(), rules.clone()),
        watcher: Watcher {
            vision,
            gallery: Arc::clone(&gallery),
            policy,
            feed,
            idle_interval: Duration::from_millis(config.detection.idle_interval_ms),
            min_face_px: config.quality.min_face_px,
        },
        enrolled: Enrolled { gallery, dimension, model },
        hours,
        meals: *meals,
    };
    let witness = Box::new(Recorder::new(Arc::clone(summary), *started));
    let engine = Engine::start(parts, link, (events, received), *started, witness)?;
    Ok(Behind { engine, visitor })
}

/// Starts the drawn visitors.
fn invite(
    home: &Home,
    hours: &ServingHours,
    meals: Option<u64>,
    stage: &Stage,
    link: &Arc<Link>,
    started: Instant,
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<JoinHandle<()>> {
    let now = Timestamp::now();
    let ledger = Ledger::open_or_create(home, &Books::from(hours.canteen()))?;
    let today = hours.canteen().day(ledger.now()?.now);
    if today < ledger.open_from()? {
        anyhow::bail!("today's books are closed; remedy: name a new folder with --data, or wait until tomorrow");
    }
    let present = hours.moment(now).map(|moment| moment.period);
    let mut hungry = Vec::new();
    // The present meal first, then the later ones, then those of the morning.
    let later = hours.periods().filter(|period| Some(*period) > present);
    let earlier = hours.periods().filter(|period| Some(*period) < present);
    for period in present.into_iter().chain(later).chain(earlier) {
        hungry.push((period, demo::to_be_served(&ledger, today, period)?));
    }
    let free: usize = hungry.iter().map(|(_, people)| people.len()).sum();
    if meals.is_some_and(|meals| meals > free as u64) {
        anyhow::bail!(
            "only {free} meals of the drawn people are left today; remedy: name a new folder with --data, or wait until \
             tomorrow"
        );
    }
    drop(ledger);
    let mut visitor = Visitor::new(Script { hungry, meals, stranger: demo::STRANGER });
    let (stage, kiosk, stop, hours) = (stage.clone(), Arc::clone(link), Arc::clone(stop), hours.clone());
    let visit = move || {
        while !stop.load(Ordering::Acquire) {
            if let Some(view) = kiosk.view() {
                let now = Millis(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
                for act in visitor.act(now, &view, kiosk.settled(), stage.is_empty()) {
                    perform(act, &stage, &kiosk, &hours);
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    Ok(vital::spawn("visitor", link, visit)?)
}

fn perform(act: demo::Act, stage: &Stage, link: &Link, hours: &ServingHours) {
    match act {
        demo::Act::WalkUp(person) => stage.walk_up(person),
        demo::Act::StandBehind(person) => stage.stand_behind(person),
        demo::Act::Touch(touch) => link.touch(touch),
        demo::Act::Leave => stage.leave(),
        demo::Act::Serve(period) => hours.serve(period),
        demo::Act::End => link.finish(),
    }
}
