#include "escalation.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
    service_t service = {0};
    refusal_t refusal;
    service_open (&service, "escalation", argc, argv, true);
    escalation_t *escalation = escalation_new (&service, &refusal);
    if (!escalation) {
        fprintf (stderr, "escalation: %s: %s\n", refusal.field, refusal.text);
        return refusal_exit_status (refusal.code);
    }
    service_run (&service);
    service_finish (&service);
    escalation_destroy (&escalation);
    service_close (&service);
    return 0;
}
