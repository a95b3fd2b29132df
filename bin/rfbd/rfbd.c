/* rfbd: serves the screen of a stream to VNC viewers. */
#include "config.h"
#include "monitor.h"

int main(int argc, char **argv)
{
	struct config config;
	options_read(&config, argc, argv);
	return monitor_run(&config);
}
