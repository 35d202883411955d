//! What an instruction makes of a state: the states that come after it.

mod arithmetic;
mod call;
mod callback;
mod execute;
mod function;
mod jump;
mod odd;
mod pointer;
