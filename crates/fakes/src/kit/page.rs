//! The page at `/_styk/`.
