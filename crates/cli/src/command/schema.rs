//! `styk schema`: the JSON Schema of scenario files, for editors.

use styk_core::Diagnostic;

use crate::exit::Exit;
use crate::output::say;
use crate::trouble::Trouble;

pub(crate) fn schema() -> Result<Exit, Trouble> {
    let schema = serde_json::to_string_pretty(&styk_scenario::json_schema())
        .map_err(|error| Trouble::own(Diagnostic::error(format!("no schema: {error}"))))?;
    say(&schema)?;
    Ok(Exit::OK)
}
