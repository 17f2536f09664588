//go:build !race

package tagapi

const raceDetector = false
