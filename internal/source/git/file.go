package git

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// File returns the bytes of a file as the commit that ref names has it. There are none where there is no such commit, no file of
// that name, or one of more than maxBytes.
func (s *Source) File(ctx context.Context, ref, name string, maxBytes int) ([]byte, error) {
	commit, err := s.resolve(ctx, ref)
	if err != nil {
		return nil, ctx.Err()
	}
	size, err := s.git.output(ctx, nil, "cat-file", "-s", commit+":"+name)
	if failed := new(commandError); errors.As(err, &failed) {
		return nil, nil
	}
	if n, e := strconv.Atoi(strings.TrimSpace(size)); err != nil || e != nil || n > maxBytes {
		return nil, err
	}
	data, err := s.git.output(ctx, nil, "cat-file", "blob", commit+":"+name)
	if failed := new(commandError); errors.As(err, &failed) { // it is a folder
		return nil, nil
	}
	return []byte(data), err
}
