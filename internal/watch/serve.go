package watch

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	pages "github.com/ianasync/ianasync/internal/publish/site"
)

// serve answers until the function that it returns is called.
func (d *Daemon) serve() (stop func()) {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", d.monitor)
	mux.Handle("GET /metrics", d.monitor)
	if d.Publish != nil {
		mux.Handle("GET /", siteHandler(string(d.Folder)))
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 5 * time.Minute, // a dataset has megabytes
		IdleTimeout:  time.Minute, MaxHeaderBytes: 1 << 14, ErrorLog: slog.NewLogLogger(d.Log.Handler(), slog.LevelWarn),
	}
	d.Log.Info("listening", "address", d.Listener.Addr().String())
	go func() {
		if err := server.Serve(d.Listener); !errors.Is(err, http.ErrServerClosed) {
			d.Log.Error("no longer listening", "error", err)
		}
	}()
	return func() { _ = server.Close() } // who asks now gets no answer, as a moment later
}

// siteHandler serves what is published in a folder. What is not there gets the site's own page for that.
func siteHandler(folder string) http.HandlerFunc {
	files := http.FileServerFS(os.DirFS(folder))
	return func(w http.ResponseWriter, r *http.Request) {
		if isPublished(folder, r.URL.Path) {
			files.ServeHTTP(w, r)
			return
		}
		page, err := os.ReadFile(filepath.Join(folder, pages.LostFile))
		if err != nil { // nothing is published yet
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(page) // who asked may be gone
	}
}

// isPublished tells whether the path of a URL leads to a file, or to a folder with a page. The folders are not
// listed, and what begins with a dot is ours, or git's.
func isPublished(folder, urlPath string) bool {
	name := path.Clean("/" + urlPath)
	if strings.Contains(name, "/.") {
		return false
	}
	file := filepath.Join(folder, filepath.FromSlash(name))
	info, err := os.Stat(file)
	if err == nil && info.IsDir() {
		_, err = os.Stat(filepath.Join(file, "index.html"))
	}
	return err == nil
}
