//! The rows of the table, by theme. Each file is one list; `table!` says how a row is read.

#[macro_use]
mod arguments;
#[macro_use]
mod attach;
#[macro_use]
mod btf;
#[macro_use]
mod code;
#[macro_use]
mod functions;
#[macro_use]
mod helpers;
#[macro_use]
mod kernel;
#[macro_use]
mod limits;
#[macro_use]
mod memory;
#[macro_use]
mod objects;
#[macro_use]
mod pointers;
#[macro_use]
mod references;
#[macro_use]
mod registers;
#[macro_use]
mod sections;
#[macro_use]
mod stack;
#[macro_use]
mod types;
