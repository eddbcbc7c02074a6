//! The page at `/_styk/`: accounts, ledger, exchanges, webhooks and faults live, and a form for every action.

use maud::{DOCTYPE, PreEscaped, html};
use styk_core::FaultKind;
use url::Url;

use super::{Action, ProviderKind};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page of one fake. What changes is fetched by its script from the control API beside it.
pub(super) fn page(kind: &ProviderKind, base: &Url) -> String {
    let tabs = ["exchanges", "ledger", "webhooks", "state", "faults", "gaps"];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" href="data:,";
                title { (kind.name) " – styk" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "styk fake: " (kind.name) }
                    p { code { (base) } " · " a href="/_styk/openapi.json" { "control API" } " · " span id="status" role="status" { "…" } }
                }
                nav {
                    @for tab in tabs {
                        button type="button" data-tab=(tab) { (tab) }
                    }
                }
                main {
                    section id="view" aria-live="polite" {}
                    aside {
                        h2 { "Make it happen" }
                        @for action in kind.actions {
                            (action_form(action))
                        }
                        h2 { "Break a call" }
                        (fault_form())
                        pre id="result" role="status" {}
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

fn action_form(action: &Action) -> maud::Markup {
    html! {
        details {
            summary { (action.name) }
            p { (action.summary) }
            form data-action=(action.name) {
                @for parameter in action.parameters {
                    label {
                        (parameter.name)
                        @if parameter.required { " *" }
                        input name=(parameter.name) placeholder=(parameter.summary) required[parameter.required];
                    }
                }
                button type="submit" { (action.name) }
            }
        }
    }
}

fn fault_form() -> maud::Markup {
    html! {
        details {
            summary { "arm a fault" }
            form id="fault" {
                label {
                    "kind"
                    select name="kind" {
                        @for kind in FaultKind::ALL {
                            option { (kind.word()) }
                        }
                    }
                }
                label { "operation or event" input name="operation" placeholder="any"; }
                label { "order or object" input name="entity" placeholder="any"; }
                label { "times" input name="times" type="number" min="1" value="1"; }
                button type="submit" { "arm" }
            }
        }
    }
}
