//! Walks through the coded data of a JPEG without making a picture of them.
//!
//! A decoder makes a picture of nearly anything: where data are missing, replaced or mixed with an older picture's it
//! paints grey or noise and reports success. The walk finds such damage: every code must be in its table, no block may
//! hold more than 64 coefficients, the blocks must be as many as the header says, and the data must end right there
//! (ITU-T T.81, annexes B and F).

#[path = "scan_several.rs"]
mod several;

use self::several::Several;
use super::jpeg::Damage;

/// Bytes that an encoder may leave between the last block and the end marker.
const PADDING: usize = 16;
/// Codes up to this length are found with one look.
const QUICK_BITS: u32 = 9;

/// Checks a whole JPEG, from its start marker to its end marker. What nobody sends (lossless, hierarchical and arithmetic
/// coding) is passed unchecked.
///
/// # Errors
/// [`Damage::Header`] or [`Damage::Data`].
pub fn check(jpeg: &[u8]) -> Result<(), Damage> {
    let mut tables: [[Option<Codes>; 4]; 2] = Default::default();
    let mut frame = None;
    let mut several: Option<Several> = None;
    let mut restart_interval = 0;
    let mut rest = jpeg.get(2..).ok_or(Damage::NoStart)?;
    loop {
        if let ([0xFF, 0xD9, ..], Some(several)) = (rest, &several) {
            return several.finish();
        }
        let [0xFF, marker, high, low, body @ ..] = rest else { return Err(Damage::Header) };
        if *marker == 0xFF {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2).ok_or(Damage::Header)?;
        let (segment, after) = body.split_at_checked(length).ok_or(Damage::Header)?;
        match *marker {
            0xC0 | 0xC1 => frame = Some(Frame::read(segment)?),
            0xC4 => read_tables(segment, &mut tables)?,
            0xC2 => several = Some(Several::progressive(frame.insert(Frame::read(segment)?))),
            0xC3 | 0xC5..=0xCF => return Ok(()),
            0xDA => {
                let frame = frame.as_ref().ok_or(Damage::Header)?;
                let several = match &mut several {
                    Some(several) => several,
                    None => match Scan::read(segment, frame)? {
                        Some(scan) => return scan.walk(after, &tables, restart_interval),
                        None => several.insert(Several::sequential(frame)),
                    },
                };
                let passed = several.walk(segment, after, &tables, restart_interval)?;
                rest = after.get(passed..).ok_or(Damage::Data)?;
                continue;
            }
            0xDD => restart_interval = be16(segment).ok_or(Damage::Header)?,
            _ => {}
        }
        rest = after;
    }
}

fn be16(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|two| usize::from(u16::from_be_bytes(*two)))
}

/// The frame header, as far as it matters: size and the components' sampling.
struct Frame {
    width: usize,
    height: usize,
    /// Id, horizontal and vertical sampling factors, 1..=4.
    components: Vec<(u8, usize, usize)>,
}

impl Frame {
    fn read(segment: &[u8]) -> Result<Self, Damage> {
        let [8, h1, h0, w1, w0, count, components @ ..] = segment else { return Err(Damage::Header) };
        let size = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
        let components: Vec<_> = components
            .as_chunks::<3>()
            .0
            .iter()
            .map(|[id, sampling, _]| (*id, usize::from(sampling >> 4), usize::from(sampling & 15)))
            .collect();
        let frame = Self { width: size(*w1, *w0), height: size(*h1, *h0), components };
        let sound = frame.width > 0
            && frame.height > 0
            && frame.components.len() == usize::from(*count)
            && frame.components.iter().all(|(_, h, v)| (1..=4).contains(h) && (1..=4).contains(v));
        if sound { Ok(frame) } else { Err(Damage::Header) }
    }
}

/// One component's part of a scan.
struct Part {
    /// Blocks a unit.
    blocks: usize,
    dc: usize,
    ac: usize,
}

struct Scan {
    parts: Vec<Part>,
    /// Coding units (MCU) of the whole picture.
    units: usize,
}

impl Scan {
    /// `None` for a scan that holds only part of the components.
    fn read(segment: &[u8], frame: &Frame) -> Result<Option<Self>, Damage> {
        let (count, rest) = segment.split_first().ok_or(Damage::Header)?;
        let count = usize::from(*count);
        if count != frame.components.len() {
            return Ok(None);
        }
        let alone = count == 1;
        let mut parts = Vec::new();
        for [id, tables] in rest.as_chunks::<2>().0.iter().take(count) {
            let (_, h, v) = frame.components.iter().find(|c| c.0 == *id).ok_or(Damage::Header)?;
            let blocks = if alone { 1 } else { h * v };
            parts.push(Part { blocks, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) });
        }
        if parts.len() != count {
            return Err(Damage::Header);
        }
        let most = |of: fn(&(u8, usize, usize)) -> usize| {
            if alone { 1 } else { frame.components.iter().map(of).max().unwrap_or(1) }
        };
        let units = frame.width.div_ceil(8 * most(|c| c.1)) * frame.height.div_ceil(8 * most(|c| c.2));
        Ok(Some(Self { parts, units }))
    }

    fn walk(&self, coded: &[u8], tables: &[[Option<Codes>; 4]; 2], restart_interval: usize) -> Result<(), Damage> {
        let table = |class: usize, id: usize| {
            tables.get(class).and_then(|of| of.get(id)).and_then(Option::as_ref).ok_or(Damage::Header)
        };
        let parts = self
            .parts
            .iter()
            .map(|part| Ok((part.blocks, table(0, part.dc)?, table(1, part.ac)?)))
            .collect::<Result<Vec<_>, Damage>>()?;
        let mut bits = Bits { bytes: coded, at: 0, held: 0, count: 0 };
        let mut restarts = 0_u8;
        for unit in 0..self.units {
            if restart_interval > 0 && unit > 0 && unit % restart_interval == 0 {
                bits.restart(restarts)?;
                restarts = (restarts + 1) % 8;
            }
            for (blocks, dc, ac) in &parts {
                for _ in 0..*blocks {
                    block(&mut bits, dc, ac)?;
                }
            }
        }
        if bits.left_over() > PADDING { Err(Damage::Data) } else { Ok(()) }
    }
}

#[inline]
fn block(bits: &mut Bits<'_>, dc: &Codes, ac: &Codes) -> Result<(), Damage> {
    let size = bits.code(dc)?;
    if size > 11 {
        return Err(Damage::Data);
    }
    bits.skip(u32::from(size))?;
    let mut next = 1_u32;
    while next < 64 {
        let code = bits.code(ac)?;
        let (run, size) = (u32::from(code >> 4), u32::from(code & 15));
        match (run, size) {
            (0, 0) => return Ok(()),
            (15, 0) => next += 16,
            (_, 0) => return Err(Damage::Data),
            _ => {
                next += run + 1;
                bits.skip(size)?;
            }
        }
    }
    if next == 64 { Ok(()) } else { Err(Damage::Data) }
}

/// A Huffman table made for looking up.
struct Codes {
    /// By the next nine bits: the code's length in the high byte (0 when longer), its value in the low one.
    quick: [u16; 1 << QUICK_BITS],
    /// For lengths above nine: one past the last code, left-aligned to 16 bits, and what to add to reach the value.
    long: [(u32, i32); 17],
    values: Vec<u8>,
}

impl Codes {
    fn new(counts: &[u8; 16], values: &[u8]) -> Result<Self, Damage> {
        let mut quick = [0; 1 << QUICK_BITS];
        let mut long = [(0, 0); 17];
        let (mut code, mut index) = (0_u32, 0_u32);
        for ((length, count), slot) in (1..=16_u32).zip(counts).zip(long.iter_mut().skip(1)) {
            let first = code;
            for _ in 0..*count {
                let value = *values.get(index as usize).ok_or(Damage::Header)?;
                if let Some(spread) = QUICK_BITS.checked_sub(length) {
                    let range = (code as usize) << spread..((code + 1) as usize) << spread;
                    quick.get_mut(range).ok_or(Damage::Header)?.fill((length as u16) << 8 | u16::from(value));
                }
                code += 1;
                index += 1;
            }
            if code > 1 << length {
                return Err(Damage::Header);
            }
            *slot = (code << (16 - length), (index - (code - first)) as i32 - first as i32);
            code <<= 1;
        }
        Ok(Self { quick, long, values: values.to_vec() })
    }
}

fn read_tables(mut segment: &[u8], tables: &mut [[Option<Codes>; 4]; 2]) -> Result<(), Damage> {
    while let [head, rest @ ..] = segment {
        let (counts, rest) = rest.split_first_chunk::<16>().ok_or(Damage::Header)?;
        let total = counts.iter().map(|count| usize::from(*count)).sum();
        let (values, rest) = rest.split_at_checked(total).ok_or(Damage::Header)?;
        let slot = tables.get_mut(usize::from(head >> 4)).and_then(|of| of.get_mut(usize::from(head & 15)));
        *slot.ok_or(Damage::Header)? = Some(Codes::new(counts, values)?);
        segment = rest;
    }
    Ok(())
}

/// The coded bits, stuffed zeros taken out. They end at the first marker.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take.
    at: usize,
    /// The next `count` bits, at the top.
    held: u64,
    count: u32,
}

impl Bits<'_> {
    #[inline]
    fn fill(&mut self) {
        if let Some(four) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<4>())
            && !four.contains(&0xFF)
        {
            self.held |= u64::from(u32::from_be_bytes(*four)) << (32 - self.count);
            self.count += 32;
            self.at += 4;
            return;
        }
        while self.count <= 32 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 1;
                    0xFF
                }
                (Some(0xFF) | None, _) => return,
                (Some(byte), _) => *byte,
            };
            self.at += 1;
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Takes one code.
    #[inline]
    fn code(&mut self, codes: &Codes) -> Result<u8, Damage> {
        if self.count < 16 {
            self.fill();
        }
        let ahead = (self.held >> 48) as u32;
        let quick = codes.quick.get((ahead >> (16 - QUICK_BITS)) as usize).copied().unwrap_or(0);
        if quick >> 8 > 0 {
            self.skip(u32::from(quick >> 8))?;
            return Ok(quick as u8);
        }
        for (length, (end, offset)) in (0_u32..).zip(codes.long).skip(QUICK_BITS as usize + 1) {
            if ahead < end {
                let index = (ahead >> (16 - length)) as i32 + offset;
                self.skip(length)?;
                return usize::try_from(index).ok().and_then(|i| codes.values.get(i)).copied().ok_or(Damage::Data);
            }
        }
        Err(Damage::Data)
    }

    /// Takes up to 15 bits as a number.
    fn take(&mut self, bits: u32) -> Result<u32, Damage> {
        if self.count < bits {
            self.fill();
        }
        let value = self.held.checked_shr(u64::BITS - bits).unwrap_or(0) as u32;
        self.skip(bits)?;
        Ok(value)
    }

    /// Takes up to 16 bits unread.
    #[inline]
    fn skip(&mut self, bits: u32) -> Result<(), Damage> {
        if self.count < bits {
            self.fill();
        }
        self.count = self.count.checked_sub(bits).ok_or(Damage::Data)?;
        self.held <<= bits;
        Ok(())
    }

    /// Expects the restart marker `number` right here.
    fn restart(&mut self, number: u8) -> Result<(), Damage> {
        if self.left_over() > PADDING {
            return Err(Damage::Data);
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let padding = rest.iter().position(|byte| *byte == 0xFF).ok_or(Damage::Data)?;
        let fill = rest.iter().skip(padding).take_while(|byte| **byte == 0xFF).count();
        if rest.get(padding + fill) != Some(&(0xD0 + number)) {
            return Err(Damage::Data);
        }
        *self = Self { bytes: self.bytes, at: self.at + padding + fill + 1, held: 0, count: 0 };
        Ok(())
    }

    /// Whole bytes between here and the next marker.
    fn left_over(&self) -> usize {
        self.unread() + self.count as usize / 8
    }

    /// Bytes that were not looked at, up to the next marker.
    fn unread(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut ahead = 0;
        while let (Some(byte), next) = (rest.get(ahead), rest.get(ahead + 1)) {
            if *byte == 0xFF && next.is_some_and(|marker| *marker != 0) {
                break;
            }
            ahead += 1;
        }
        ahead
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
