use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

fn encode(seed: u32) -> Vec<u8> {
    let pixels = RgbImage::from_fn(320, 240, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed.wrapping_mul(97)) >> 7;
        Rgb([(x + seed) as u8, (y * 2 + noise % 23) as u8, (noise % 256) as u8])
    });
    let mut bytes = Vec::new();
    pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 85)).expect("an encoder");
    bytes
}

/// Where the coded data begin.
fn scan_start(jpeg: &[u8]) -> usize {
    let sos = jpeg.windows(2).position(|two| two == [0xFF, 0xDA]).expect("a scan");
    sos + 2 + be16(&jpeg[sos + 2..]).expect("a length")
}

/// Drawn, in one scan, 51×37: colour halved both ways, and across with restarts, as libjpeg writes it.
const HALF_COLOUR: [&[u8]; 2] = [include_bytes!("baseline_420.jpg"), include_bytes!("baseline_422.jpg")];

#[test]
fn whole_pictures_pass_in_every_sampling_that_cameras_and_phones_use() {
    for seed in 0..4 {
        assert_eq!(check(&encode(seed)), Ok(()));
    }
    for whole in HALF_COLOUR {
        assert_eq!(check(whole), Ok(()));
        let start = scan_start(whole);
        let closed = [&whole[..(start + whole.len()) / 2], b"\xFF\xD9"].concat();
        assert!(check(&closed).is_err(), "half of it");
    }
    let mut grey = Vec::new();
    image::GrayImage::from_fn(33, 17, |x, y| image::Luma([(x * y) as u8]))
        .write_with_encoder(JpegEncoder::new(&mut grey))
        .expect("an encoder");
    assert_eq!(check(&grey), Ok(()));
}

#[test]
fn a_picture_that_ends_in_an_older_one_is_found() {
    let (new, old) = (encode(1), encode(77));
    let start = scan_start(&new);
    let mut found = 0;
    let cuts: Vec<usize> = (start + 500..new.len().min(old.len()) - 500).step_by(613).collect();
    for cut in &cuts {
        let mixed = [&new[..*cut], &old[*cut..]].concat();
        found += usize::from(check(&mixed).is_err());
    }
    // By chance the older picture may be at the same block there; nothing in the data tells then.
    assert!(found * 100 >= cuts.len() * 90, "{found} of {} mixtures were found", cuts.len());
}

#[test]
fn data_overwritten_dropped_or_repeated_are_found() {
    let whole = encode(5);
    let middle = (scan_start(&whole) + whole.len()) / 2;
    let overwritten = [&whole[..middle], &[0x55; 4000][..], &whole[middle + 4000..]].concat();
    let dropped = [&whole[..middle], &whole[middle + 512..]].concat();
    let repeated = [&whole[..middle], &whole[middle - 512..]].concat();
    for (name, damaged) in [("overwritten", overwritten), ("dropped", dropped), ("repeated", repeated)] {
        assert!(check(&damaged).is_err(), "{name}");
    }
}

/// A drawn picture in ten scans with restarts, as libjpeg writes it.
const PROGRESSIVE: &[u8] = include_bytes!("progressive.jpg");

#[test]
fn a_progressive_picture_passes_whole_and_is_damaged_where_it_is_cut_and_closed_or_overwritten() {
    assert_eq!(check(PROGRESSIVE), Ok(()));
    let start = scan_start(PROGRESSIVE);
    for cut in (start + 1..PROGRESSIVE.len() - 2).step_by(11) {
        let closed = [&PROGRESSIVE[..cut], b"\xFF\xD9"].concat();
        assert!(check(&closed).is_err(), "cut at {cut} and closed");
    }
    let middle = (start + PROGRESSIVE.len()) / 2;
    let overwritten = [&PROGRESSIVE[..middle], &[0x55; 400], &PROGRESSIVE[middle + 400..]].concat();
    assert!(check(&overwritten).is_err());
    let dropped = [&PROGRESSIVE[..middle], &PROGRESSIVE[middle + 100..]].concat();
    assert!(check(&dropped).is_err());
}

#[test]
fn a_progressive_picture_without_its_last_scans_is_cut_off() {
    let scans: Vec<usize> = (0..PROGRESSIVE.len()).filter(|at| PROGRESSIVE[*at..].starts_with(&[0xFF, 0xDA])).collect();
    assert!(scans.len() > 5, "{scans:?}");
    for scan in scans.iter().skip(1) {
        assert_eq!(check(&[&PROGRESSIVE[..*scan], b"\xFF\xD9"].concat()), Err(Damage::CutOff), "{scan}");
    }
}

#[test]
fn a_picture_with_a_scan_a_component_is_looked_into_scan_by_scan() {
    // Three grey pictures become the components of one.
    let grey = |seed: u32| {
        let mut bytes = Vec::new();
        image::GrayImage::from_fn(80, 64, |x, y| image::Luma([(x * (seed + 1) + y * y) as u8]))
            .write_with_encoder(JpegEncoder::new(&mut bytes))
            .expect("an encoder");
        bytes
    };
    let mut head = grey(0);
    let data: Vec<Vec<u8>> = (0..3).map(|seed| grey(seed)[scan_start(&head)..].to_vec()).collect();
    head.truncate(scan_start(&head) - 10);
    let frame = head.windows(2).position(|two| two == [0xFF, 0xC0]).expect("a frame");
    let components = [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
    head.splice(frame + 9..frame + 13, components);
    head[frame + 3] += 6;
    let without_end = |data: &'_ [u8]| data[..data.len() - 2].to_vec();
    let scan = |id: u8| [vec![0xFF, 0xDA, 0, 8, 1, id, 0, 0, 63, 0], without_end(&data[usize::from(id) - 1])].concat();
    let whole = [&head[..], &scan(1), &scan(2), &scan(3), b"\xFF\xD9"].concat();
    assert_eq!(check(&whole), Ok(()));
    assert_eq!(check(&[&head[..], &scan(1), &scan(3), b"\xFF\xD9"].concat()), Err(Damage::CutOff));
    let second = scan(2);
    let half = &second[..second.len() / 2];
    assert_eq!(check(&[&head[..], &scan(1), half, &scan(3), b"\xFF\xD9"].concat()), Err(Damage::Data));
}

#[test]
fn no_bytes_whatever_make_it_panic() {
    for whole in [encode(3), PROGRESSIVE.to_vec()] {
        spoil(&whole);
    }
}

fn spoil(whole: &[u8]) {
    let mut dice = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..3000 {
        let mut damaged = whole.to_vec();
        for _ in 0..3 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            // Mostly the headers, where lengths and counts stand.
            let at = if dice & 1 == 0 { dice as usize % 700 } else { dice as usize % whole.len() };
            if let Some(byte) = damaged.get_mut(at) {
                *byte = (dice >> 40) as u8;
            }
        }
        damaged.truncate(dice as usize % (whole.len() * 2));
        let _ = check(&damaged);
    }
}
