package apppackage

import "cmp"

// Limits bound what a package may cost to read. Only ZipBytes comes from the
// service's tools (10 MiB is where they refuse an upload); the others are ours,
// well above anything a real package needs.
type Limits struct {
	ZipBytes      int64 // size of the zip file, bytes
	Entries       int   // files and folders
	FileBytes     int64 // one file, uncompressed
	TotalBytes    int64 // all files, uncompressed
	ManifestBytes int64 // manifest.json
	NameBytes     int   // one path inside the package
	Ratio         int64 // uncompressed to compressed size, judged above RatioFloor
	RatioFloor    int64 // files up to this size may compress as well as they like, bytes
}

// DefaultLimits returns the limits that apply when Options set none.
func DefaultLimits() Limits {
	const mib = 1 << 20
	return Limits{
		ZipBytes:      10 * mib,
		Entries:       2000,
		FileBytes:     16 * mib,
		TotalBytes:    64 * mib,
		ManifestBytes: 1 * mib,
		NameBytes:     512,
		Ratio:         100,
		RatioFloor:    mib,
	}
}

// orDefault fills the fields that are 0.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	return Limits{
		ZipBytes:      cmp.Or(l.ZipBytes, d.ZipBytes),
		Entries:       cmp.Or(l.Entries, d.Entries),
		FileBytes:     cmp.Or(l.FileBytes, d.FileBytes),
		TotalBytes:    cmp.Or(l.TotalBytes, d.TotalBytes),
		ManifestBytes: cmp.Or(l.ManifestBytes, d.ManifestBytes),
		NameBytes:     cmp.Or(l.NameBytes, d.NameBytes),
		Ratio:         cmp.Or(l.Ratio, d.Ratio),
		RatioFloor:    cmp.Or(l.RatioFloor, d.RatioFloor),
	}
}
