//! `styk explain`: the page behind a code.

use styk_core::Diagnostic;

use crate::args::ExplainArguments;
use crate::exit::Exit;
use crate::output::say;
use crate::trouble::Trouble;

pub(crate) fn explain(arguments: &ExplainArguments) -> Result<Exit, Trouble> {
    let code = arguments.code.to_uppercase();
    let page = styk_scenario::explain(&code).or_else(|| styk_run::explain(&code));
    let Some(page) = page else {
        let message = format!("there is no page for `{}`", arguments.code);
        return Err(Diagnostic::error(message)
            .help("codes stand in brackets at the beginning of a message: error[E0204]")
            .into());
    };
    say(&format!("{code}: {}", page.trim_end()))?;
    Ok(Exit::OK)
}
