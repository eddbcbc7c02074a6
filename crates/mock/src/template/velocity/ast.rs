//! What a template is made of.

use std::collections::HashMap;
use std::sync::Arc;

/// A parsed text with the macros it defines.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) body: Block,
    pub(super) macros: Macros,
}

/// Shared, so that `#define` can keep a block as a value.
pub(super) type Block = Arc<[Node]>;

pub(super) type Macros = HashMap<String, Arc<Macro>>;

#[derive(Debug)]
pub(super) struct Macro {
    pub(super) parameters: Vec<(String, Option<Expression>)>,
    pub(super) body: Block,
}

#[derive(Debug)]
pub(super) enum Node {
    Text(Box<str>),
    Reference(Reference),
    Set(Reference, Expression),
    If {
        branches: Vec<(Expression, Block)>,
        otherwise: Block,
    },
    Foreach {
        variable: Box<str>,
        items: Expression,
        body: Block,
        otherwise: Block,
    },
    IfNull(Expression, Block),
    Define(Box<str>, Block),
    Evaluate(Expression),
    Call(Call),
    /// `#include` and `#parse`: a template reaches no file.
    File(&'static str),
    Break,
    Stop,
}

/// A call of a macro, or what merely looks like one.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: Box<str>,
    pub(super) arguments: Vec<Expression>,
    pub(super) body: Option<Block>,
    /// The text to write when there is no macro of that name.
    pub(super) literal: Box<str>,
}

#[derive(Debug)]
pub(super) struct Reference {
    /// What is written when there is no value.
    pub(super) literal: Box<str>,
    pub(super) quiet: bool,
    /// Backslashes in front.
    pub(super) escapes: usize,
    /// Dollar signs between the backslashes and the reference.
    pub(super) dollars: Box<str>,
    pub(super) name: Box<str>,
    pub(super) steps: Vec<Step>,
    pub(super) alternate: Option<Box<Expression>>,
}

#[derive(Debug)]
pub(super) enum Step {
    Property(Box<str>),
    Method(Box<str>, Vec<Expression>),
    Index(Expression),
}

#[derive(Debug)]
pub(super) enum Expression {
    Bool(bool),
    /// A number without fraction, as it was written.
    Integer(Box<str>),
    Double(f64),
    Text(Box<str>),
    /// A double-quoted string with references or directives.
    Interpolated(Block),
    List(Vec<Self>),
    Range(Box<Self>, Box<Self>),
    Map(Vec<(Self, Self)>),
    Reference(Box<Reference>),
    Not(Box<Self>),
    Negate(Box<Self>),
    /// Operators of one rank, applied from left to right. A flat list: a long sum must not nest.
    Chain(Box<Self>, Vec<(Operator, Self)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Operator {
    /// How weakly it binds; 0 is the weakest.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Equal | Self::NotEqual => 2,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo => 5,
        }
    }
}
