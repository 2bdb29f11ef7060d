// Package store keeps an emulated tenant on disk: directory, app catalog,
// policies, assignments and settings in one bbolt file, and the rules that
// hold between them.
//
// Several processes may work on one file: the lock of the file is held around
// transactions only (file.go). Every change is one transaction.
//
// It imports bbolt, flock, the emulator's ids and people packages.
package store
