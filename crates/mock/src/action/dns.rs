//! `dnsResponse`: kept and checked for clients that register it beside a request over HTTP, and never an answer to one.

use super::ActionError;
use crate::json::Json;
use crate::schema::{Complaints, Fields};

const CODES: [&str; 6] = [
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
];
const TYPES: [&str; 7] = ["A", "AAAA", "CNAME", "MX", "SRV", "TXT", "PTR"];
const CLASSES: [&str; 4] = ["IN", "CH", "HS", "ANY"];

/// Checks a response to a DNS query.
pub(super) fn check(json: &Json, path: &str, complaints: &mut Complaints) -> Option<()> {
    let mut fields = Fields::of(json, path, complaints)?;
    super::take_delay(&mut fields, complaints);
    fields.boolean("primary", complaints);
    fields.word("responseCode", &CODES, complaints);
    for name in ["answerRecords", "authorityRecords", "additionalRecords"] {
        let at = fields.at(name);
        match fields.take(name) {
            Some(Json::Array(records)) => {
                for (place, record) in records.iter().enumerate() {
                    check_record(record, &format!("{at}[{place}]"), complaints);
                }
            }
            Some(other) => {
                complaints.error(&at, format_args!("{} found, array expected", other.kind()));
            }
            None => {}
        }
    }
    fields.finish(complaints);
    Some(())
}

fn check_record(json: &Json, path: &str, complaints: &mut Complaints) {
    let Some(mut fields) = Fields::of(json, path, complaints) else {
        return;
    };
    for name in ["name", "value"] {
        fields.text(name, complaints);
    }
    fields.word("type", &TYPES, complaints);
    fields.word("dnsClass", &CLASSES, complaints);
    for name in ["ttl", "priority", "weight", "port"] {
        if fields
            .integer(name, complaints)
            .is_some_and(|number| number < 0)
        {
            complaints.error(&fields.at(name), "must have a minimum value of 0");
        }
    }
    fields.finish(complaints);
}

/// What becomes of a request over HTTP; the original never answers one.
pub(super) fn not_http() -> ActionError {
    let reason =
        "a dnsResponse answers DNS queries alone, which this version of styk does not take";
    ActionError::Failed(reason.to_owned())
}
