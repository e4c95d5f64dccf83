package zstdpatch

import (
	"encoding/binary"
	"math/bits"
)

// The primes of XXH64. They are variables, so that sums of them wrap around.
var (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

// checksum returns the checksum of a frame with the data: the low half of their XXH64 (RFC 8878, section 3.1.1).
func checksum(data []byte) uint32 {
	round := func(acc, word uint64) uint64 { return bits.RotateLeft64(acc+word*prime2, 31) * prime1 }
	merge := func(acc, v uint64) uint64 { return (acc^round(0, v))*prime1 + prime4 }
	word := binary.LittleEndian.Uint64
	h, rest := prime5, data
	if len(data) >= 32 {
		a, b, c, d := prime1+prime2, prime2, uint64(0), -prime1
		for ; len(rest) >= 32; rest = rest[32:] {
			a, b, c, d = round(a, word(rest)), round(b, word(rest[8:])), round(c, word(rest[16:])), round(d, word(rest[24:]))
		}
		h = bits.RotateLeft64(a, 1) + bits.RotateLeft64(b, 7) + bits.RotateLeft64(c, 12) + bits.RotateLeft64(d, 18)
		h = merge(merge(merge(merge(h, a), b), c), d)
	}
	h += uint64(len(data))
	for ; len(rest) >= 8; rest = rest[8:] {
		h = bits.RotateLeft64(h^round(0, word(rest)), 27)*prime1 + prime4
	}
	if len(rest) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(rest))*prime1, 23)*prime2 + prime3
		rest = rest[4:]
	}
	for _, b := range rest {
		h = bits.RotateLeft64(h^uint64(b)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return uint32(h ^ h>>32)
}
