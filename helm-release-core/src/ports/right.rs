//! What a user may ask of the server, as its authorisation tells requests apart.

use std::fmt;

use serde::Serialize;

use super::{Action as _, Location, Request, Resource};
