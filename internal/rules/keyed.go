package rules

// Numeric reports whether the last column of the key holds numbers.
func (s *Scheme) Numeric() bool { return s.numeric }
