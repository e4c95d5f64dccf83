package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNotifySecret sees that a secret is the same wherever it is kept.
func TestNotifySecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(" a secret\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]struct{ file, variable string }{"file": {file, ""}, "environment": {"", "\ta secret \n"}} {
		got, err := (&app{world: &world{getenv: func(string) string { return a.variable }}}).notifySecret(a.file)
		if err != nil || string(got) != "a secret" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
