package watch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSiteHandler serves a folder with a page, and with things in it that are not served.
func TestSiteHandler(t *testing.T) {
	dir := t.TempDir()
	folder, beside := filepath.Join(dir, "site"), filepath.Join(dir, "beside")
	for name, text := range map[string]string{
		"site/index.html": "front", "site/404.html": "lost", "site/port/80/index.html": "80", "site/empty/x.csv": "a,b", "site/.ianasync/files": "own",
		"beside/secret": "secret", "beside/index.html": "secret",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{
		"link": filepath.Join(beside, "secret"), "folder": beside, "inside": "index.html", "port/81": "80",
	} {
		if err := os.Symlink(to, filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	current := filepath.Join(dir, "current") // the folder itself may be a link
	if err := os.Symlink(folder, current); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(secured(siteHandler(current)))
	defer server.Close()
	for path, want := range map[string]string{
		"/": "200 front", "/port/80/": "200 80", "/empty/x.csv": "200 a,b", "/port/80/index.html": "200 80", // by way of /port/80/
		"/empty/": "404 lost", "/.ianasync/files": "404 lost", "/nosuch": "404 lost", "/port/80/nosuch": "404 lost", "/index.html/x": "404 lost",
		"/link": "404 lost", "/folder/secret": "404 lost", "/folder/": "404 lost", "/inside": "404 lost", "/port/81/": "404 lost", "/..%2fbeside/secret": "404 lost",
	} {
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if got := r.Status[:4] + string(body); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		for header, value := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
			if got := r.Header.Get(header); got != value {
				t.Errorf("%s: %s is %q", path, header, got)
			}
		}
		if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
}
