//! Command suites: foreign runners, judged by exit code and JUnit together.

mod capture;
mod process;
mod verdict;
