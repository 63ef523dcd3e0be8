//! A place in the tokens, for readers that take what they know and leave the rest.

use super::number::Number;
use super::token::{Token, Unit, Word};

/// Readers take `&mut Cursor` and return `Option`; [`Cursor::attempt`] puts the
/// cursor back after a `None`, so a reader may give up halfway.
pub(super) struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    pub(super) fn attempt<T>(&mut self, reader: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        let read = reader(self);
        if read.is_none() {
            self.at = start;
        }
        read
    }

    pub(super) fn is_done(&self) -> bool {
        self.peek().is_none()
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    pub(super) fn previous(&self) -> Option<Token> {
        self.tokens.get(self.at.checked_sub(1)?).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Takes the next token if it is this one.
    pub(super) fn take(&mut self, token: Token) -> Option<()> {
        (self.peek()? == token).then(|| self.at += 1)
    }

    pub(super) fn word(&mut self, word: Word) -> Option<()> {
        self.take(Token::Word(word))
    }

    /// Takes the next token if it is one of these words.
    pub(super) fn any_word(&mut self, words: &[Word]) -> Option<Word> {
        let Token::Word(word) = self.peek()? else {
            return None;
        };
        words.contains(&word).then(|| {
            self.at += 1;
            word
        })
    }

    pub(super) fn number(&mut self) -> Option<Number> {
        let Token::Number(number) = self.peek()? else {
            return None;
        };
        self.at += 1;
        Some(number)
    }

    pub(super) fn unit(&mut self) -> Option<Unit> {
        let Token::Word(Word::Unit(unit)) = self.peek()? else {
            return None;
        };
        self.at += 1;
        Some(unit)
    }
}
