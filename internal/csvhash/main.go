// Command csvhash reads CSV files with encoding/csv and hashes their rows, which is the
// least that a general comparison of CSV files does. It is what ianasync diff is
// measured against (BenchmarkCommand in cmd/ianasync), and is of no other use.
package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

func main() {
	for _, name := range os.Args[1:] {
		rows, sum, err := hashRows(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, "csvhash:", err)
			os.Exit(2)
		}
		fmt.Fprintf(os.Stdout, "%s: %d rows, %016x\n", name, rows, sum)
	}
}

// hashRows returns how many rows the file has, and a sum of their hashes.
func hashRows(name string) (rows int, sum uint64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close() // it is only read
	r := csv.NewReader(bufio.NewReader(f))
	r.ReuseRecord = true
	seen := make(map[uint64]int)
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, sum, nil
		} else if err != nil {
			return rows, sum, err
		}
		h := fnv.New64a()
		for _, field := range fields {
			_, _ = io.WriteString(h, field) // a hash takes everything
			_, _ = h.Write([]byte{0})
		}
		seen[h.Sum64()]++
		rows, sum = rows+1, sum+h.Sum64()
	}
}
