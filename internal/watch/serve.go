package watch

import (
	"cmp"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	pages "github.com/ianasync/ianasync/internal/publish/site"
)

// serve answers until the function that it returns is called.
func (d *Daemon) serve() (stop func()) {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", d.health)
	mux.Handle("GET /metrics", d.health)
	if d.Publish != nil {
		mux.Handle("GET /", siteHandler(string(d.Folder)))
	}
	server := &http.Server{
		Handler: secured(mux), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 5 * time.Minute, // a dataset has megabytes
		IdleTimeout:  time.Minute, MaxHeaderBytes: 1 << 14, ErrorLog: slog.NewLogLogger(d.Log.Handler(), slog.LevelWarn),
	}
	d.Log.Info("listening", "address", d.Listener.Addr().String())
	go func() {
		if err := server.Serve(d.Listener); !errors.Is(err, http.ErrServerClosed) {
			d.Log.Error("no longer listening", "error", err)
		}
	}()
	return func() { _ = server.Close() } // a request that comes now gets no answer, as one a moment later
}

// secured adds headers that forbid content sniffing and framing, and the Content-Security-Policy of the pages.
func secured(h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", pages.Policy+"; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		h.ServeHTTP(w, r)
	}
}

// siteHandler serves what is published in a folder. What is not there gets the site's own page for that.
func siteHandler(folder string) http.HandlerFunc {
	published := plainFiles(folder)
	files := http.FileServerFS(published)
	return func(w http.ResponseWriter, r *http.Request) {
		if published.has(r.URL.Path) {
			files.ServeHTTP(w, r)
			return
		}
		page, err := fs.ReadFile(published, pages.LostFile)
		if err != nil { // nothing is published yet
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(page) // the client may be gone
	}
}

// plainFiles are the files and folders in a folder, which may itself be a link. Links in it, things that are neither, and
// names that begin with a dot (ours, or git's) are not there.
type plainFiles string

// Open opens a file or a folder.
func (p plainFiles) Open(name string) (fs.File, error) {
	missing := &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	if !fs.ValidPath(name) || strings.Contains("/"+name, "/.") && name != "." {
		return nil, missing
	}
	root, err := os.OpenRoot(string(p))
	if err != nil {
		return nil, err
	}
	defer root.Close() // it was only read
	for i, c := range name + "/" {
		if c != '/' {
			continue
		}
		info, err := root.Lstat(name[:i])
		if err != nil {
			return nil, err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return nil, missing
		}
	}
	return root.Open(name)
}

// has reports whether the path of a URL leads to a file, or to a folder with a page. Folders are not listed.
func (p plainFiles) has(urlPath string) bool {
	name := cmp.Or(strings.Trim(path.Clean("/"+urlPath), "/"), ".")
	info, err := fs.Stat(p, name)
	if err == nil && info.IsDir() {
		_, err = fs.Stat(p, path.Join(name, "index.html"))
	}
	return err == nil
}
