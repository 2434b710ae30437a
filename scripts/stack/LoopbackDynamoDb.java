import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

/**
 * DynamoDB Local on 127.0.0.1 only. It has no option for the address and would listen on all of them, so its
 * web server is taken out of it before it starts. Java runs this file as it is, without a build.
 */
class LoopbackDynamoDb {
    public static void main(String[] arguments) throws Exception {
        var dynamoDb = ServerRunner.createServerFromCommandLineArgs(arguments);
        var field = dynamoDb.getClass().getDeclaredField("server");
        field.setAccessible(true);
        for (Connector connector : ((Server) field.get(dynamoDb)).getConnectors()) {
            ((ServerConnector) connector).setHost("127.0.0.1");
        }
        dynamoDb.start();
        dynamoDb.join();
    }
}
