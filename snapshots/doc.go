// Package snapshots keeps every edition of a registry that was ever seen, exactly as
// it was served, in a folder of plain files.
//
// # The folder
//
//	store.json                  the format and the registry; written once
//	versions.jsonl              what was seen, a line each, by time: the truth of what exists
//	versions/2026/ID.zst        the bytes: zstd, full or a delta (RFC 8878)
//	checked.json                the last check: when, how it ended
//	quarantine/ID.body, .json   bodies that were refused, and why
//	derived/products.json       which versions the derived files were made from
//	service-names-port-numbers.csv, CHANGELOG.md, derived/…   the derived files
//	.lock                       held by the writer; otherwise empty
//
// Derived files can be made again from the rest; this package only writes them
// ([Store.WriteDerived]) and knows whether they are behind ([Store.DerivedStale]).
//
// # Sightings and versions
//
// An edition becomes a version when its bytes differ from those before it. What was
// before is known only when all history is in, and history may come in any order: of
// editions A, B and A again, the third is a version, but had it come before B it
// would have looked like the first one seen twice. So a line of versions.jsonl is
// not a version but a sighting: these bytes were seen at this time. The versions are
// those sightings whose bytes differ from the sighting before, and are worked out
// when the store is opened. A line is never altered or removed, and the order in
// which lines came makes no difference. Bytes are stored once, however often seen.
//
// A daily check that finds nothing new must add nothing, though. So there are two
// ways in: [Store.Put] takes what is served now and drops it where it is no news;
// [Store.Import] takes history and keeps every sighting. The last check that found the newest
// version unchanged is a sighting too, told by checked.json alone; should
// history bring other bytes from before that check, it becomes a line of its own,
// so that imported history never hides what is known to be newer.
//
// An id is the second of the sighting. Of two editions of one second, the one that
// came first has it, and the other the next free second: there is nothing else by
// which to order them.
//
// # Bytes
//
// Editions that follow each other differ in a few hundred bytes of a million. Each is
// therefore a delta against the nearest in time that is stored when it arrives (zstd with the other's
// bytes as raw dictionary, so that "zstd -d --patch-from" reads it), and a full one only
// where a delta saves less than half. To bound how many must be read
// to open one, each 48th in a row is made against the one 48 before it instead: see
// [strides].
//
// # Writing
//
// A put writes the bytes, then replaces versions.jsonl: that rename is the moment from
// which the version exists. A run that dies before it leaves a file that nothing names
// and the next writer removes; one that dies after it leaves derived files that are
// behind, which [Store.DerivedStale] tells. There is one writer at a time, who holds
// the lock; readers need none, for no file that they may read is ever altered in place.
package snapshots
