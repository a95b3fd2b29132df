/* rfbd: serves the screen of a stream to VNC viewers. */
#include "config.h"
#include "monitor/monitor.h"
#include "passwd.h"
#include "tell.h"

int main(int argc, char **argv)
{
	struct config config;
	options_read(&config, argc, argv);
	if (config.passwd_file)
		return passwd_run(config.passwd_file, config.passwd_user, config.view_only);
	if (config.tell)
		return tell_run(config.tell, config.words, config.n_words);
	return monitor_run(&config);
}
