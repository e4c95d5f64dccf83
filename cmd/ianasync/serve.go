package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/health"
	pages "github.com/ianasync/ianasync/internal/publish/site"
)

// listen opens the port, if there is to be one.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, withHint(fmt.Errorf("--listen: %w", err), "another address, 127.0.0.1:9397 or 127.0.0.1:0, say")
	}
	return l, nil
}

func closeListener(l net.Listener) {
	if l != nil {
		_ = l.Close() // the server may have closed it
	}
}

// serve answers until the function that it returns is called.
func (w *watcher) serve(l net.Listener) (stop func()) {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", w.monitor)
	mux.Handle("GET /metrics", w.monitor)
	if w.site != nil {
		mux.Handle("GET /", siteHandler(string(w.site.to.folder)))
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 5 * time.Minute, // a dataset has megabytes
		IdleTimeout:  time.Minute, MaxHeaderBytes: 1 << 14, ErrorLog: slog.NewLogLogger(w.log.Handler(), slog.LevelWarn),
	}
	w.log.Info("listening", "address", l.Addr().String())
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			w.log.Error("no longer listening", "error", err)
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

// sitePublisher keeps what a watch publishes up to date.
type sitePublisher struct {
	to   *destination
	done health.Facts // of the store that was published
}

// sitePublisher checks what there is to publish with; nil where nothing is to be published.
func (a *app) sitePublisher(f *publishFlags) (*sitePublisher, error) {
	to, err := a.destination(f)
	if to == nil || err != nil {
		return nil, err
	}
	if err := to.folder.Check(); err != nil {
		return nil, fmt.Errorf("--publish: %w", err)
	}
	return &sitePublisher{to: to}, nil
}

// publish publishes the store if it has other versions than what was published last. What goes wrong is
// logged, and tried again after the next check.
func (w *watcher) publish(ctx context.Context) {
	if w.site == nil || w.known.Versions == 0 || w.known.SameVersions(w.site.done) {
		return
	}
	store, err := w.openStore()
	if err == nil {
		written, e := w.publishTo(ctx, store, w.site.to)
		if err = e; err == nil {
			w.site.done = w.known
			w.log.Info("published", "folder", w.site.to.folder, "version", w.known.Newest.ID, "files", written.Files, "written", written.Changed, "removed", written.Removed)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.log.Error("not published", "folder", w.site.to.folder, "error", err, "hint", hintOf(err))
	}
}
