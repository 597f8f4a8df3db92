//! Whole rollbacks through the engine, and repairs, on records and a cluster in memory.

#[cfg(test)]
mod cleanup;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fsck;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod looking;
#[cfg(test)]
mod prune;
#[cfg(test)]
mod races;
#[cfg(test)]
mod recovering;
#[cfg(test)]
mod returning;
#[cfg(test)]
mod rollback;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod wait;
