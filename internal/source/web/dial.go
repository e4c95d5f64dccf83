package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"syscall"
)

// dialer makes the connections of one Get. It connects to the source and to proxies wherever they are. Where a redirect
// leads elsewhere, it refuses addresses that are not public: a server on the internet must not make this machine read
// from its own network, nor a store keep what it read there. Only where the source itself is not public are such
// redirects followed.
//
// The address that a name resolves to is checked, not the name. Through a proxy, which resolves names itself,
// only the proxy could check.
type dialer struct {
	client *Client
	source string // host:port

	mu      sync.Mutex
	proxies []string // host:port of each proxy asked so far
	private bool     // whether the source has an address that is not public
}

// proxy returns the proxy for a request, as the environment names it, and records it.
func (d *dialer) proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if u != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.proxies = append(d.proxies, hostPort(u))
	}
	return u, err
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	anywhere := address == d.source || d.private || slices.Contains(d.proxies, address)
	d.mu.Unlock()
	dialer := net.Dialer{Timeout: d.client.ConnectTimeout}
	if !anywhere {
		dialer.Control = d.refusePrivate
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err == nil && address == d.source && d.client.isPrivate(conn.RemoteAddr().String()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.private = true
	}
	return conn, err
}

// refusePrivate returns an error for an address, IP:port, that is not public. It is called before the connection is made.
func (d *dialer) refusePrivate(_, address string, _ syscall.RawConn) error {
	if d.client.isPrivate(address) {
		return redirectError("redirect to " + address + ", an address that is not public")
	}
	return nil
}

// isPrivate reports whether an address, IP:port, is not on the public internet: loopback, private (RFC 1918, RFC 4193),
// link-local, shared (RFC 6598), multicast or unspecified.
func (c *Client) isPrivate(address string) bool {
	if c.private != nil {
		return c.private(address)
	}
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return true
	}
	ip := a.Addr().Unmap().WithZone("")
	return ip.IsPrivate() || shared.Contains(ip) || thisNetwork.Contains(ip) || !ip.IsGlobalUnicast()
}

// Ranges that netip does not count as private, and which lead to no public host either.
var (
	shared      = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")     // RFC 791; some systems take it for this host
)

// hostPort returns the address that a transport dials for a URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
