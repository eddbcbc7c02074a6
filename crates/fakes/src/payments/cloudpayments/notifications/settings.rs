//! Which notifications a terminal wants, and where (CloudPayments API, Notification settings).

use serde::Serialize;

use super::message::Encoding;
use crate::payments::cloudpayments::params::Params;
use crate::payments::cloudpayments::reply::{Outcome, Refusal, done, model};
use crate::payments::cloudpayments::turn::Turn;

/// The type of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(in super::super) enum Type {
    Check,
    Pay,
    Fail,
    Confirm,
    Refund,
    Recurrent,
    Cancel,
}

impl Type {
    pub(in super::super) const ALL: [Self; 7] = [
        Self::Check,
        Self::Pay,
        Self::Fail,
        Self::Confirm,
        Self::Refund,
        Self::Recurrent,
        Self::Cancel,
    ];

    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Check => "Check",
            Self::Pay => "Pay",
            Self::Fail => "Fail",
            Self::Confirm => "Confirm",
            Self::Refund => "Refund",
            Self::Recurrent => "Recurrent",
            Self::Cancel => "Cancel",
        }
    }

    /// As addresses have it.
    pub(in super::super) fn lower(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Pay => "pay",
            Self::Fail => "fail",
            Self::Confirm => "confirm",
            Self::Refund => "refund",
            Self::Recurrent => "recurrent",
            Self::Cancel => "cancel",
        }
    }

    /// By its name, in any case of letters.
    pub(in super::super) fn read(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// What a terminal wants of one type.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Setting {
    pub(in super::super) is_enabled: bool,
    /// Where it goes; `{type}` stands for the type in lower case.
    pub(in super::super) address: Option<String>,
    pub(in super::super) http_method: HttpMethod,
    pub(in super::super) encoding: Encoding,
    pub(in super::super) format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in super::super) enum HttpMethod {
    #[default]
    Get,
    Post,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in super::super) enum Format {
    #[default]
    CloudPayments,
    #[serde(rename = "QIWI")]
    Qiwi,
    #[serde(rename = "RT")]
    Rt,
}

impl Setting {
    /// Where a notification goes whose type is called so.
    pub(in super::super) fn url(&self, kind: &str) -> String {
        let address = self.address.as_deref().unwrap_or_default();
        address.replace("{type}", kind)
    }
}

/// What a terminal wants of all types.
#[derive(Clone, Debug, Default, Serialize)]
pub(in super::super) struct Settings([Setting; 7]);

impl Settings {
    pub(in super::super) fn of(&self, kind: Type) -> &Setting {
        &self.0[kind as usize]
    }

    pub(in super::super) fn of_mut(&mut self, kind: Type) -> &mut Setting {
        &mut self.0[kind as usize]
    }

    /// Has a type sent to an address, with POST.
    pub(in super::super) fn enable(&mut self, kind: Type, address: &str) {
        *self.of_mut(kind) = Setting {
            is_enabled: true,
            address: Some(address.to_owned()),
            http_method: HttpMethod::Post,
            ..Setting::default()
        };
    }
}

fn of_call(turn: &Turn<'_>) -> Result<Type, Refusal> {
    let name = turn.call.map(|call| call.parameter(0)).unwrap_or_default();
    Type::read(name).ok_or_else(|| Refusal::new(format!("Unknown notification type {name}")))
}

/// `POST /site/notifications/{Type}/get`.
pub(in super::super) fn get(turn: &mut Turn<'_>, _: &Params) -> Outcome {
    let kind = of_call(turn)?;
    let setting = turn.terminal.settings.of(kind);
    let address = setting.address.as_ref().map(|_| setting.url(kind.lower()));
    let shown = Setting {
        address,
        ..setting.clone()
    };
    Ok(model(true, &shown))
}

/// `POST /site/notifications/{Type}/update`. Check is set in the cabinet only.
pub(in super::super) fn update(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let kind = of_call(turn)?;
    if kind == Type::Check {
        return Err(Refusal::new(
            "The Check notification is set in the personal account",
        ));
    }
    let is_enabled = params.flag("IsEnabled")?.unwrap_or(false);
    let address = params.text("Address");
    match &address {
        None if is_enabled => return Err(Refusal::missing("Address")),
        Some(address) if url::Url::parse(address).is_err() => {
            return Err(Refusal::invalid("Address"));
        }
        _ => {}
    }
    let setting = Setting {
        is_enabled,
        address,
        http_method: one_of(
            params,
            "HttpMethod",
            &[("GET", HttpMethod::Get), ("POST", HttpMethod::Post)],
        )?,
        encoding: one_of(
            params,
            "Encoding",
            &[
                ("UTF8", Encoding::Utf8),
                ("Windows1251", Encoding::Windows1251),
            ],
        )?,
        format: one_of(
            params,
            "Format",
            &[
                ("CloudPayments", Format::CloudPayments),
                ("QIWI", Format::Qiwi),
                ("RT", Format::Rt),
            ],
        )?,
    };
    if let Some(call) = turn
        .call
        .filter(|_| setting.format != Format::CloudPayments)
    {
        call.gap("notifications are sent in the format CloudPayments only");
    }
    *turn.terminal.settings.of_mut(kind) = setting;
    Ok(done(None))
}

fn one_of<T: Copy + Default>(
    params: &Params,
    name: &str,
    known: &[(&str, T)],
) -> Result<T, Refusal> {
    let Some(text) = params.text(name) else {
        return Ok(T::default());
    };
    let found = known
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&text));
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| Refusal::invalid(name))
}
