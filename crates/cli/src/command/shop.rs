//! `styk shop`: the reference shop alone, until it is stopped.

use styk_core::Diagnostic;
use styk_shop::{Config, Shop};
use tracing::Level;

use crate::args::ShopArguments;
use crate::exit::Exit;
use crate::output::{say, variable};
use crate::signals::Signals;
use crate::trouble::Trouble;

pub(crate) async fn shop(arguments: ShopArguments) -> Result<Exit, Trouble> {
    let mut signals = Signals::listen()?;
    tracing_subscriber::fmt()
        .with_max_level(Level::INFO)
        .with_writer(std::io::stderr)
        .init();
    let get = |name: &str| match name {
        "SHOP_PROFILE" => arguments.profile.clone().or_else(|| variable(name)),
        "BIND" => arguments.bind.clone().or_else(|| variable(name)),
        _ => variable(name),
    };
    let config = Config::from_env(get).map_err(|error| Diagnostic::error(error.to_string()))?;
    let shop = Shop::start(config)
        .await
        .map_err(|error| Trouble::not_ready(Diagnostic::error(error.to_string())))?;
    say(&format!("listening on {}", shop.base_url()))?;
    signals.next().await;
    shop.stop().await;
    Ok(Exit::OK)
}
