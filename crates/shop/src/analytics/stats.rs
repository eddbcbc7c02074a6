//! Counting events.

use jiff::Timestamp;
use serde::Serialize;

use crate::db::{Conn, args};
use crate::error::ApiError;
use crate::money::{Currency, Money};

const DAY_US: i64 = 86_400_000_000;

/// The currency revenue is told in; purchases in other currencies are counted, but not added.
pub(super) const CURRENCY: Currency = Currency::Rub;

/// Sums of events, as the API shows them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stats {
    #[serde(flatten)]
    all: Counts,
    /// Purchases of page views; 0 without views.
    conversion_rate: f64,
    by_day: Vec<Day>,
}

/// One day, in UTC.
#[derive(Clone, Debug, Serialize)]
struct Day {
    date: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Counts {
    page_views: i64,
    add_to_cart: i64,
    purchases: i64,
    revenue: Money,
}

/// Counts all events.
pub(super) async fn count(conn: &mut Conn) -> Result<Stats, ApiError> {
    let rows = conn
        .all(
            "SELECT at / $1 AS day,
                 CAST(SUM(CASE WHEN type = 'page_view' THEN 1 ELSE 0 END) AS BIGINT) AS page_views,
                 CAST(SUM(CASE WHEN type = 'add_to_cart' THEN 1 ELSE 0 END) AS BIGINT) AS add_to_cart,
                 CAST(SUM(CASE WHEN type = 'purchase' THEN 1 ELSE 0 END) AS BIGINT) AS purchases,
                 CAST(SUM(CASE WHEN type = 'purchase' AND currency = $2 THEN COALESCE(amount_minor, 0) ELSE 0 END)
                     AS BIGINT) AS revenue
             FROM analytics_events GROUP BY at / $1 ORDER BY day",
            args![DAY_US, CURRENCY],
        )
        .await?;
    let mut all = Counts {
        page_views: 0,
        add_to_cart: 0,
        purchases: 0,
        revenue: Money::new(0, CURRENCY),
    };
    let mut by_day = Vec::with_capacity(rows.len());
    for row in rows {
        let counts = Counts {
            page_views: row.int("page_views")?,
            add_to_cart: row.int("add_to_cart")?,
            purchases: row.int("purchases")?,
            revenue: Money::new(row.int("revenue")?, CURRENCY),
        };
        all.page_views += counts.page_views;
        all.add_to_cart += counts.add_to_cart;
        all.purchases += counts.purchases;
        all.revenue.minor += counts.revenue.minor;
        by_day.push(Day {
            date: date(row.int("day")?),
            counts,
        });
    }
    Ok(Stats {
        conversion_rate: rate(all.purchases, all.page_views),
        all,
        by_day,
    })
}

fn date(day: i64) -> String {
    let midnight = Timestamp::from_microsecond(day.saturating_mul(DAY_US)).unwrap_or_default();
    midnight.strftime("%Y-%m-%d").to_string()
}

/// To four decimals; so many events that a float cannot count them would have filled the disk.
fn rate(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    let ten_thousandths = part.saturating_mul(10_000) / whole;
    f64::from(i32::try_from(ten_thousandths).unwrap_or(i32::MAX)) / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_four_decimals_and_is_zero_without_views() {
        assert!((rate(1, 4) - 0.25).abs() < f64::EPSILON);
        assert!((rate(1, 3) - 0.3333).abs() < f64::EPSILON);
        assert!(rate(5, 0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_day_is_shown_as_its_date() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(20_000), "2024-10-04");
    }
}
