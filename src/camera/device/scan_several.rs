//! Pictures in several scans: a progressive picture comes coarse first and is refined scan by scan (ITU-T T.81, annex G);
//! a sequential one may have a scan a component.

use super::{Bits, Codes, Damage, Frame, PADDING, block};

/// More scans than any encoder makes; a decoder gives up there too.
const MOST_SCANS: usize = 100;
/// What stands in place of a bit's number where nothing of a coefficient has come.
const NOTHING: u8 = u8::MAX;

/// What has come of such a picture.
pub(super) struct Several {
    progressive: bool,
    components: Vec<Component>,
    /// Coding units (MCU) of a scan of several components.
    units: usize,
    scans: usize,
}

struct Component {
    id: u8,
    /// Blocks a unit of several components.
    blocks: usize,
    /// Blocks of the component alone.
    alone: usize,
    /// Of each of these blocks a bit for each coefficient that is known not to be 0.
    known: Vec<u64>,
    /// Of each coefficient the lowest bit that has come.
    lowest: [u8; 64],
}

/// What a scan of a progressive picture brings: coefficients `first` to `last`, down to bit `low`, or that bit alone.
#[derive(Clone, Copy)]
struct Band {
    first: u32,
    last: u32,
    refines: bool,
    low: u8,
}

impl Several {
    pub(super) fn progressive(frame: &Frame) -> Self {
        Self::of(frame, true)
    }

    pub(super) fn sequential(frame: &Frame) -> Self {
        Self::of(frame, false)
    }

    fn of(frame: &Frame, progressive: bool) -> Self {
        let most = |of: fn(&(u8, usize, usize)) -> usize| frame.components.iter().map(of).max().unwrap_or(1);
        let (wide, high) = (most(|c| c.1), most(|c| c.2));
        let component = |&(id, h, v): &(u8, usize, usize)| {
            let along = |side: usize, share: usize, most: usize| (side * share).div_ceil(most).div_ceil(8);
            let alone = along(frame.width, h, wide) * along(frame.height, v, high);
            Component { id, blocks: h * v, alone, known: vec![], lowest: [NOTHING; 64] }
        };
        let units = frame.width.div_ceil(8 * wide) * frame.height.div_ceil(8 * high);
        Self { progressive, components: frame.components.iter().map(component).collect(), units, scans: 0 }
    }

    /// Walks through one scan, whose header is `segment` and whose data `coded` begins with. Returns the data's length in
    /// bytes, up to the next marker.
    pub(super) fn walk(
        &mut self,
        segment: &[u8],
        coded: &[u8],
        tables: &[[Option<Codes>; 4]; 2],
        restart_interval: usize,
    ) -> Result<usize, Damage> {
        self.scans += 1;
        if self.scans > MOST_SCANS {
            return Err(Damage::Header);
        }
        let (count, rest) = segment.split_first().ok_or(Damage::Header)?;
        let (pairs, band) = rest.split_at_checked(2 * usize::from(*count)).ok_or(Damage::Header)?;
        let band = if self.progressive { Some(Band::read(band)?) } else { None };
        let table = |class: usize, id: u8| {
            let of = tables.get(class).and_then(|of| of.get(usize::from(id)));
            of.and_then(Option::as_ref).ok_or(Damage::Header)
        };
        let mut parts = Vec::new();
        for [id, ids] in pairs.as_chunks::<2>().0 {
            let at = self.components.iter().position(|component| component.id == *id).ok_or(Damage::Header)?;
            let (dc, ac) = (ids >> 4, ids & 15);
            // A scan has the tables that it needs.
            let coding = match band {
                None => Coding::Whole(table(0, dc)?, table(1, ac)?),
                Some(Band { first: 0, refines: false, .. }) => Coding::Dc(table(0, dc)?),
                Some(Band { first: 0, refines: true, .. }) => Coding::DcBit,
                Some(band) => Coding::Ac(table(1, ac)?, band),
            };
            parts.push((at, coding));
        }
        let alone = match parts.as_slice() {
            [] => return Err(Damage::Header),
            [(at, _)] => self.components.get(*at).map(|component| component.alone),
            [(_, Coding::Ac(..)), ..] => return Err(Damage::Header),
            _ => None,
        };
        let mut bits = Bits { bytes: coded, at: 0, held: 0, count: 0 };
        let (mut restarts, mut ended) = (0_u8, 0_u32);
        for unit in 0..alone.unwrap_or(self.units) {
            if restart_interval > 0 && unit > 0 && unit % restart_interval == 0 {
                if ended > 0 {
                    return Err(Damage::Data);
                }
                bits.restart(restarts)?;
                restarts = (restarts + 1) % 8;
            }
            for (at, coding) in &parts {
                let component = self.components.get_mut(*at).ok_or(Damage::Header)?;
                for _ in 0..if alone.is_some() { 1 } else { component.blocks } {
                    match coding {
                        Coding::Whole(dc, ac) => block(&mut bits, dc, ac)?,
                        Coding::Dc(dc) => match bits.code(dc)? {
                            size @ 0..=11 => bits.skip(u32::from(size))?,
                            _ => return Err(Damage::Data),
                        },
                        Coding::DcBit => bits.skip(1)?,
                        Coding::Ac(ac, band) => {
                            if component.known.is_empty() {
                                component.known = vec![0; component.alone];
                            }
                            let known = component.known.get_mut(unit).ok_or(Damage::Data)?;
                            if band.refines {
                                band.refine(&mut bits, ac, known, &mut ended)?;
                            } else {
                                band.begin(&mut bits, ac, known, &mut ended)?;
                            }
                        }
                    }
                }
            }
        }
        if ended > 0 || bits.left_over() > PADDING {
            return Err(Damage::Data);
        }
        let (first, last, low) = band.map_or((0, 63, 0), |band| (band.first, band.last, band.low));
        for (at, _) in &parts {
            let lowest = self.components.get_mut(*at).map(|component| &mut component.lowest);
            let part = lowest.and_then(|lowest| lowest.get_mut(first as usize..=last as usize));
            part.ok_or(Damage::Header)?.fill(low);
        }
        Ok(bits.at + bits.unread())
    }

    /// Whether everything has come when the picture ends.
    pub(super) fn finish(&self) -> Result<(), Damage> {
        let whole = self.components.iter().all(|component| component.lowest == [0; 64]);
        if whole { Ok(()) } else { Err(Damage::CutOff) }
    }
}

/// How a block of a component is coded in this scan.
enum Coding<'a> {
    Whole(&'a Codes, &'a Codes),
    Dc(&'a Codes),
    DcBit,
    Ac(&'a Codes, Band),
}

impl Band {
    fn read(header: &[u8]) -> Result<Self, Damage> {
        let [first @ 0..=63, last @ 0..=63, bits, ..] = header else { return Err(Damage::Header) };
        let (high, low) = (bits >> 4, bits & 15);
        let sound = if *first == 0 { *last == 0 } else { first <= last };
        if !sound || low > 13 || (high > 0 && high != low + 1) {
            return Err(Damage::Header);
        }
        Ok(Self { first: u32::from(*first), last: u32::from(*last), refines: high > 0, low })
    }

    /// A block of which nothing has come; `ended` counts the blocks from here on that hold nothing more.
    fn begin(&self, bits: &mut Bits<'_>, ac: &Codes, known: &mut u64, ended: &mut u32) -> Result<(), Damage> {
        if *ended > 0 {
            *ended -= 1;
            return Ok(());
        }
        let mut next = self.first;
        while next <= self.last {
            let code = bits.code(ac)?;
            let (run, size) = (u32::from(code >> 4), u32::from(code & 15));
            match (run, size) {
                (15, 0) => next += 16,
                (_, 0) => {
                    *ended = (1 << run) - 1 + bits.take(run)?;
                    return Ok(());
                }
                _ => {
                    next += run;
                    if next > self.last {
                        return Err(Damage::Data);
                    }
                    bits.skip(size)?;
                    *known |= 1 << next;
                    next += 1;
                }
            }
        }
        if next == self.last + 1 { Ok(()) } else { Err(Damage::Data) }
    }

    /// One more bit of each coefficient that is known, and those that begin with this bit.
    fn refine(&self, bits: &mut Bits<'_>, ac: &Codes, known: &mut u64, ended: &mut u32) -> Result<(), Damage> {
        let mut next = self.first;
        while *ended == 0 && next <= self.last {
            let code = bits.code(ac)?;
            let (mut run, size) = (u32::from(code >> 4), code & 15);
            match size {
                0 if run < 15 => {
                    *ended = (1 << run) + bits.take(run)?;
                    break;
                }
                0 => {}
                1 => bits.skip(1)?,
                _ => return Err(Damage::Data),
            }
            while next <= self.last {
                if *known & (1 << next) != 0 {
                    bits.skip(1)?;
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                next += 1;
            }
            if next > self.last && size == 1 {
                return Err(Damage::Data);
            }
            if size == 1 {
                *known |= 1 << next;
            }
            next += 1;
        }
        if *ended > 0 {
            let band = *known & (u64::MAX >> (63 - self.last)) & u64::MAX.checked_shl(next).unwrap_or(0);
            for _ in 0..band.count_ones() {
                bits.skip(1)?;
            }
            *ended -= 1;
        }
        Ok(())
    }
}
