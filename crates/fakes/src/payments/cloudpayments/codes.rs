//! Why payments are declined (CloudPayments API, Error codes).

/// Number and name of every code.
const CODES: &[(u16, &str)] = &[
    (0, "Approved"),
    (3001, "InvalidInvoiceId"),
    (3002, "InvalidAccountId"),
    (3003, "InvalidAmount"),
    (3004, "OutOfDate"),
    (3005, "FormatError"),
    (3006, "Unavailable"),
    (3007, "UnableToConnect"),
    (3008, "NotAccepted"),
    (5001, "ReferToCardIssuer"),
    (5003, "InvalidMerchant"),
    (5004, "PickUpCard"),
    (5005, "DoNotHonor"),
    (5006, "Error"),
    (5007, "PickUpCardSpecialConditions"),
    (5012, "InvalidTransaction"),
    (5013, "AmountError"),
    (5014, "InvalidCardNumber"),
    (5015, "NoSuchIssuer"),
    (5017, "CustomerCancellation"),
    (5019, "TransactionError"),
    (5030, "FormatError"),
    (5031, "BankNotSupportedBySwitch"),
    (5033, "ExpiredCardPickup"),
    (5034, "SuspectedFraud"),
    (5036, "RestrictedCard"),
    (5041, "LostCard"),
    (5043, "StolenCard"),
    (5051, "InsufficientFunds"),
    (5054, "ExpiredCard"),
    (5055, "InvalidPin"),
    (5057, "TransactionNotPermitted"),
    (5058, "TransactionNotPermittedToCard"),
    (5059, "SuspectedFraudDecline"),
    (5061, "ExceedsApprovalAmount"),
    (5062, "RestrictedCard2"),
    (5063, "SecurityViolation"),
    (5065, "ExceedWithdrawalFrequency"),
    (5082, "IncorrectCVV"),
    (5091, "Timeout"),
    (5092, "CannotReachNetwork"),
    (5096, "SystemError"),
    (5113, "CardNotSupported"),
    (5204, "UnableToProcess"),
    (5206, "AuthenticationFailed"),
    (5207, "AuthenticationUnavailable"),
    (5300, "AntiFraud"),
    (5303, "AcquirerTerminalLimitsExceeded"),
];

/// A code by which a payment can be declined, from its number or its name: `5051`, `InsufficientFunds`,
/// `insufficient_funds`.
pub(super) fn read(text: &str) -> Option<u16> {
    let plain = text.replace(['_', ' '], "");
    let is_it = |(number, name): &&(u16, &str)| {
        *number != 0 && (number.to_string() == plain || name.eq_ignore_ascii_case(&plain))
    };
    let found = CODES.iter().rev().find(is_it);
    found.map(|(number, _)| *number)
}

/// The name of a code.
pub(super) fn name(code: u16) -> &'static str {
    let found = CODES.iter().find(|(number, _)| *number == code);
    found.map_or("Error", |(_, name)| name)
}

/// What the card holder is told.
pub(super) fn for_holder(code: u16, is_russian: bool) -> &'static str {
    let (russian, english) = match code {
        0 => ("Оплата успешно проведена", "Payment successful"),
        5051 => (
            "Недостаточно средств на карте",
            "Insufficient funds on account",
        ),
        5014 | 5082 => ("Проверьте данные карты", "Check your card details"),
        5054 => ("Истёк срок действия карты", "The card has expired"),
        5206 | 5207 => (
            "3-D Secure авторизация не пройдена",
            "3-D Secure authentication failed",
        ),
        3001..=3008 => (
            "Платёж не может быть принят",
            "The payment cannot be accepted",
        ),
        5017 => ("Вы отменили платёж", "You have cancelled the payment"),
        _ => (
            "Свяжитесь с вашим банком или воспользуйтесь другой картой",
            "Contact your bank or use another card",
        ),
    };
    if is_russian { russian } else { english }
}

/// How a payment ends that the shop's answer to a Check vetoes; `None` lets it go on.
pub(super) fn of_check(answer: u64) -> Option<u16> {
    match answer {
        0 => None,
        10 => Some(3001),
        11 => Some(3002),
        12 => Some(3003),
        13 => Some(3008),
        20 => Some(3004),
        _ => Some(3005),
    }
}
