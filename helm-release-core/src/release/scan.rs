//! Finds the members of a JSON object, checking all of the text and making nothing of it.
//!
//! Most of a record is a few very long texts that nobody asks for: what counts is how fast their ends are found.

use std::ops::Range;

/// Where a member stands in the text, its key with the quotes.
pub(super) struct Found {
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The members of the one object that the text holds, in its order; `None` when the text is anything else.
pub(super) fn find_members(text: &str) -> Option<Vec<Found>> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    let mut members = Vec::with_capacity(16);
    scanner.expect(b'{')?;
    if !scanner.skip(b'}') {
        loop {
            let key = scanner.key()?;
            let from = scanner.at;
            scanner.value()?;
            members.push(Found { key, value: from..scanner.at });
            if !scanner.skip(b',') {
                break;
            }
        }
        scanner.expect(b'}')?;
    }
    scanner.skip_blanks();
    (scanner.at == text.len()).then_some(members)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What a value is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Array,
    Object,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips blanks, and the byte behind them when it is that one.
    fn skip(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    /// A key with the colon and the blanks behind it; where the key itself is.
    fn key(&mut self) -> Option<Range<usize>> {
        self.skip_blanks();
        let from = self.at;
        self.expect(b'"')?;
        self.rest_of_text()?;
        let key = from..self.at;
        self.expect(b':')?;
        self.skip_blanks();
        Some(key)
    }

    /// A whole value, with everything inside it. Values nest as deep as they like, so no recursion.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    self.rest_of_text()?;
                }
                b'{' => {
                    self.at += 1;
                    if !self.skip(b'}') {
                        open.push(Inside::Object);
                        self.key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if !self.skip(b']') {
                        open.push(Inside::Array);
                        continue;
                    }
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            // A value is complete: so may be what it is inside of.
            loop {
                let Some(inside) = open.last() else { return Some(()) };
                if self.skip(b',') {
                    if *inside == Inside::Object {
                        self.key()?;
                    }
                    break;
                }
                self.expect(if *inside == Inside::Object { b'}' } else { b']' })?;
                open.pop();
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_there = self.bytes[self.at..].starts_with(word);
        self.at += word.len();
        is_there.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    /// A text from behind its first quote to behind its last.
    fn rest_of_text(&mut self) -> Option<()> {
        while let Some(block) = self.bytes[self.at..].first_chunk() {
            let mut special = special_bytes(block);
            let mut length = BLOCK;
            while special != 0 {
                let place = usize::try_from(special.trailing_zeros()).unwrap_or(BLOCK);
                match block[place] {
                    b'"' => {
                        self.at += place + 1;
                        return Some(());
                    }
                    b'\\' => self.check_escape(self.at + place + 1)?,
                    _ => return None,
                }
                // What the backslash escapes is done with: a last one reaches into the next block.
                special &= !(0b11 << place);
                length = BLOCK.max(place + 2);
            }
            self.at += length;
        }
        self.rest_of_last_text()
    }

    /// The same near the end of everything, byte by byte.
    fn rest_of_last_text(&mut self) -> Option<()> {
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => {
                    self.check_escape(self.at)?;
                    self.at += 1;
                }
                _ if is_special(byte) => return None,
                _ => {}
            }
        }
    }

    /// Checks what stands behind a backslash.
    #[inline]
    fn check_escape(&self, at: usize) -> Option<()> {
        match self.bytes.get(at)? {
            b'u' => self.check_digits(at + 1),
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            _ => None,
        }
    }

    #[cold]
    fn check_digits(&self, at: usize) -> Option<()> {
        self.bytes.get(at..at + 4)?.iter().all(u8::is_ascii_hexdigit).then_some(())
    }
}

/// How many bytes of a text are looked at together.
const BLOCK: usize = 64;

/// What ends a text, escapes, or may not stand in one.
fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// The special bytes of a block, one bit each, the first byte's the lowest.
fn special_bytes(block: &[u8; BLOCK]) -> u64 {
    if !block.iter().fold(false, |found, byte| found | is_special(*byte)) {
        return 0;
    }
    let marks = block.map(|byte| u8::from(is_special(byte)));
    let (words, _) = marks.as_chunks();
    words.iter().zip((0..).step_by(8)).fold(0, |bits, (word, shift)| bits | (low_bits(*word) << shift))
}

/// The lowest bits of eight bytes that are 0 or 1, side by side: the product moves each to its place in the top byte.
fn low_bits(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests;
