package ianacsv

import "strings"

// formats are the first bytes of files that people take for CSV, and what these are.
var formats = []struct{ magic, what string }{
	{"\x1f\x8b", "compressed with gzip: decompress it first (gunzip)"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd: decompress it first (unzstd)"},
	{"\xfd7zXZ\x00", "compressed with xz: decompress it first (unxz)"},
	{"BZh", "compressed with bzip2: decompress it first (bunzip2)"},
	{"PK\x03\x04", "a zip archive or a spreadsheet (.xlsx), not CSV: unpack it, or save it as CSV in UTF-8"},
	{"\xd0\xcf\x11\xe0", "a spreadsheet (.xls), not CSV: save it as CSV in UTF-8"},
	{"version https://git-lfs.github.com/", "a Git LFS pointer, not the file itself: 'git lfs pull' fetches that"},
	{"\xff\xfe", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)"},
	{"\xfe\xff", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)"},
	{"S\x00e\x00", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16LE -t UTF-8)"},
	{"\x00S\x00e", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16BE -t UTF-8)"},
}

// Recognise returns what a file is that is known not to be CSV in UTF-8, and what to do about it; nothing for any other.
func Recognise(text string) string {
	for _, f := range formats {
		if strings.HasPrefix(text, f.magic) {
			return f.what
		}
	}
	// The first line end decides: quoted cells of such a file may hold LFs.
	if at := strings.IndexAny(text, "\r\n"); at > 0 && at < len(text)-1 && text[at] == '\r' && text[at+1] != '\r' && text[at+1] != '\n' {
		return "a file whose lines end in CR alone, as old Macs wrote them: convert the line ends first (tr '\\r' '\\n')"
	}
	return ""
}
