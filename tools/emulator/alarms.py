"""CloudWatch's alarms, where moto 5.2.1 forgets what they are made with. Part of `missing.py`.

Seen 2026-11-26, at https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html.

call             AWS                                                          moto 5.2.1
PutMetricAlarm   keeps the account of a query, and what PromQL and a warm-up  forgets them
                 period say
                 takes statistics such as tm90, too                           percentiles only
                 its tags count for a new alarm only                          for all
DeleteAlarms     tags go with an alarm                                        kept for the next of that name
"""

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

from missing import instead_of

KEPT = {
    "EvaluationCriteria": "evaluation_criteria",
    "EvaluationInterval": "evaluation_interval",
    "WarmUpConfiguration": "warm_up_configuration",
}


@instead_of(CloudWatchResponse)
def put_metric_alarm(moto, self):
    backend, name = self.cloudwatch_backend, self._get_param("AlarmName")
    statistic, is_new = self._get_param("ExtendedStatistic"), name not in backend.alarms
    tags = None if is_new else dict(backend.tagger.get_tag_dict_for_resource(backend.alarms[name].alarm_arn))
    # moto knows percentiles only
    self.params.pop("ExtendedStatistic", None)
    answer = moto(self)
    alarm = backend.alarms[name]
    alarm.extended_statistic = statistic
    for member, attribute in KEPT.items():
        setattr(alarm, attribute, self._get_param(member))
    for query, given in zip(alarm.metric_data_queries, self._get_param("Metrics", [])):
        query.account_id = given.get("AccountId")
    if tags is not None:
        backend.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
        backend.tagger.tag_resource(alarm.alarm_arn, backend.tagger.convert_dict_to_tags_input(tags))
    return answer


@instead_of(CloudWatchBackend)
def delete_alarms(moto, self, alarm_names):
    for name in alarm_names:
        if name in self.alarms:
            self.tagger.delete_all_tags_for_resource(self.alarms[name].alarm_arn)
    moto(self, alarm_names)
