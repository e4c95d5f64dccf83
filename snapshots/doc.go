// Package snapshots keeps every edition of a registry that was ever seen, exactly as
// it was served, in a folder of plain files: a store.
//
// # Reading and writing
//
// [Open] opens a store for reading, [OpenForWriting] for writing. A [Store] is one registry group of it, whose [Group] decodes
// its editions. Its versions are what [Store.Versions] returns; [Store.Resolve] returns the one that a person means by
// "2026-01-22" or "latest~2"; [Store.Bytes] returns a version as it was served. [Store.Put] stores what is served now,
// [Store.Import] what was served in the past. [Store.Verify] checks all of it against itself.
//
// # Sightings and versions
//
// An edition becomes a version when its bytes differ from those before it. What was
// before is known only when all history is in, and history may come in any order: of
// editions A, B and A again, the third is a version, but had it come before B it
// would have looked like the first one seen twice. So what is stored is not
// versions but sightings: these bytes were seen at this time. The versions are computed from the sightings
// when the store is opened. A sighting is never altered or removed, and the order in
// which they came makes no difference. Bytes are stored once, however often seen.
//
// The registry is published in several forms (CSV and XML) and kept by several mirrors, which do not run at the same
// pace. By time, a sighting is a version unless
//
//   - its table is that of the current version, and its bytes are the same, or are of another form of file;
//   - it lags: its table was first seen before that of the current version, and its mirror has never shown one that was
//     first seen later. Where it has, or where a note states that the sighting was believed, the registry really
//     went back, and the sighting is a version.
//
// A mirror is a form of file in one repository, or in one folder of a server; files of unknown origin make up one mirror.
//
// A daily check that finds nothing new must add nothing, though. So there are two
// ways in: [Store.Put] drops what is no news; [Store.Import] keeps every sighting. The last check that
// found the newest version unchanged is a sighting too, which only the record of that check states. Where
// history brings other bytes from before that check, it becomes a line of its own,
// so that imported history never hides what is known to be newer.
//
// An id is the second of the sighting. Of two editions of one second, the one that
// came first has it, and the other the next free second: there is nothing else by
// which to order them.
//
// # The folder
//
// docs/store.md describes the files, package layout names them. The bytes of each version and the lines of versions.jsonl are the
// truth. All else but the checks and the quarantine is derived from them, by others: this package writes derived
// files ([Store.WriteDerived]) and reports whether they are those of the present versions ([Store.DerivedStale]).
//
// Each line and each small file has a checksum, which is checked when it is read. A file that is not
// what was written is a [*Fault], never a wrong answer. Nothing in the folder may be a symbolic link: a
// store may come from somebody else.
//
// # Bytes
//
// Editions that follow each other differ in a few hundred bytes of a million. Each is
// therefore a delta against the nearest in time that is stored when it arrives (zstd with the other's
// bytes as raw dictionary, so that "zstd -d --patch-from" reads it), and a full one only
// where a delta saves less than half. To bound how much must be decoded
// to open one, each 48th in a row, or a later one where the editions are small, is made against the one where that row began: see
// [strides].
//
// # Interruptions
//
// A put writes the bytes, then appends a line to versions.jsonl, or replaces that file where the line does not belong at its end. A
// file of bytes states what it is, so a run that dies in between leaves a version that the next writer adds to versions.jsonl; one
// that dies while it appends also leaves a line without its end, which is none; one that dies before leaves a temporary
// file, which the next writer removes, and one that dies after it leaves derived files of the
// versions before, which [Store.DerivedStale] reports. A batch ([Store.BeginBatch]) writes the bytes of several puts, each after its
// base, and then replaces versions.jsonl. There is one writer at a time, who holds
// the lock; readers need none, for nothing in a file that they may read is ever altered in place.
package snapshots
