// Package ianacsv cuts CSV files into rows and cells as IANA's exporter writes them. It does not interpret columns.
//
// The exporter is Python's csv module: records end in CRLF, quoted cells hold bare LFs, and damage occurs: stray quotes,
// bytes that are no UTF-8, UTF-8 that was encoded twice. [Cut] accepts every text and loses none of it; [Scan] reads one
// record as Python's csv module would, and reports the damage of its quotes; [Normalise] brings a cell into normal form.
package ianacsv
