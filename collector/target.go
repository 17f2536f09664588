package collector

import (
	"regexp"
	"sync"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// target is one service of one project.
type target struct {
	project config.Project
	config  config.Service
	source  tagapi.Source
	exclude *regexp.Regexp
	service *huaweicloud.Service
	series  *apiSeries
	iam     *apiSeries // nil: the credential needs no IAM
	logger  log.Logger

	reader  tagapi.Reader
	journal *journal    // taken over by the next configuration
	last    *lastReport // likewise

	mu      sync.Mutex
	current *flight
}
