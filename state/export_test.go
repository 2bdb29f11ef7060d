package state

// The seam through which tests fail each operation on the disk.
type (
	FileSystem = fileSystem
	File       = file
)

// Disk is the real one.
func Disk() FileSystem { return disk{} }

// NewLocalOn is NewLocal on another file system.
func NewLocalOn(fs FileSystem, o LocalOptions) *Local {
	l := NewLocal(o)
	l.fs = fs
	return l
}
