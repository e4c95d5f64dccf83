package atomicfile

// syncFolder does nothing: Windows opens no folder for syncing, and NTFS keeps a
// journal of names.
func syncFolder(string) error { return nil }
