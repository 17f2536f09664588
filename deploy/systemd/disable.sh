#!/bin/sh
# Stops the units before the package is removed, but not before an upgrade: then deb
# says "upgrade", and rpm that 1 version stays.
case "${1:-}" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now huaweicloud_tag_exporter.socket huaweicloud_tag_exporter.service || true
	fi
	;;
esac
