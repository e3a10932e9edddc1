#include "intake.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
    service_t service = {0};
    refusal_t refusal;
    service_open (&service, "intake", argc, argv, true);
    intake_t *intake = intake_new (&service, &refusal);
    if (!intake) {
        fprintf (stderr, "intake: %s: %s\n", refusal.field, refusal.text);
        return refusal_exit_status (refusal.code);
    }
    service_run (&service);
    service_finish (&service);
    intake_destroy (&intake);
    service_close (&service);
    return 0;
}
